-- Which migrations have been applied, and how many statements of each.
CREATE TABLE ParleyMigrations (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  steps INTEGER NOT NULL
) STRICT;
