// The roles of users on a server (protocol §3).

/** What a user may do, from least to most. */
export const ROLES = ["guest", "member", "operator", "admin"] as const;
export type Role = typeof ROLES[number];
