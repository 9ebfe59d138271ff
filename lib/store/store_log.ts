/** What the store reports to the operator: what happened and its particulars, never a user's text. */
export type StoreLog = (event: string, fields: Readonly<Record<string, string | number>>) => void;
