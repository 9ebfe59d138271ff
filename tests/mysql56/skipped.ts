// What is not run on MySQL 5.6, and why: names of tests, or how they begin.

interface Skipped {
  /** Ends "skipped, as …". */
  readonly why: string;
  readonly tests: readonly string[];
}

export const SKIPPED: readonly Skipped[] = [
  {
    why:
      "they start a server of their own with options that 5.6 does not have, on what is installed",
    tests: ["mysql TLS: encrypted", "mysql open: how a server is set", "mysql settings: "],
  },
  {
    why: "CREATE USER takes only a password before 5.7",
    tests: ["ACCOUNT LOCK", "PASSWORD EXPIRE", "REQUIRE SSL"]
      .map((how) => `mysql open: an account with ${how}`),
  },
  {
    why: "the tables that they make have longer keys than 5.6 takes without ROW_FORMAT",
    tests: [
      "legacy plan: columns of the owner's own stay",
      "legacy plan: refused, as Users has the unique index username",
    ],
  },
  {
    why: "5.6 lists the names of character sets in another order",
    tests: ["legacy upgrade: without the wish it says what it would do"],
  },
  {
    why: "they are about what is shipped and what people read, not about a database",
    tests: ["bundles: ", "readme: "],
  },
];
