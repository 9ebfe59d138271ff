-- A token has a number, by which its user names it, and what it is for. It may end at a time of its own
-- (expires), and may be good for some requests only (scopes). EndedTokens lists tokens that were ended
-- by a request, for every server to end their connections. A code is kept as its hash; a join code makes
-- an account of a role in some rooms, the others are for one user. A message says whether a program
-- wrote it.

CREATE TABLE NumberedTokens (
  token_id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash BLOB NOT NULL UNIQUE,
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  last_used INTEGER NOT NULL,
  label TEXT NOT NULL DEFAULT '',
  client TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL DEFAULT 0,
  expires INTEGER,
  scopes TEXT
) STRICT;

INSERT INTO NumberedTokens (token_hash, user_id, last_used, created)
  SELECT token_hash, user_id, last_used, last_used FROM Tokens ORDER BY user_id, last_used;

DROP TABLE Tokens;

ALTER TABLE NumberedTokens RENAME TO Tokens;

CREATE INDEX Tokens_of_user ON Tokens (user_id, token_id);

CREATE INDEX Tokens_by_use ON Tokens (last_used);

CREATE INDEX Tokens_by_expiry ON Tokens (expires);

CREATE TABLE EndedTokens (
  end_id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  ended INTEGER NOT NULL
) STRICT;

CREATE TABLE Codes (
  code_id INTEGER PRIMARY KEY AUTOINCREMENT,
  code_hash BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  creator_id INTEGER NOT NULL REFERENCES Users (user_id),
  user_id INTEGER REFERENCES Users (user_id),
  role TEXT,
  rooms TEXT NOT NULL DEFAULT '[]',
  uses INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

CREATE INDEX Codes_of_creator ON Codes (creator_id, code_id);

CREATE INDEX Codes_of_user ON Codes (user_id);

CREATE INDEX Codes_by_expiry ON Codes (expires);

ALTER TABLE Messages ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0;
