-- A token has a number, by which its user names it, and what it is for. It may end at a time of its own
-- (expires), and may be good for some requests only (scopes). EndedTokens lists tokens that were ended
-- by a request, for every server to end their connections. A code is kept as its hash; a join code makes
-- an account of a role in some rooms, the others are for one user. A message says whether a program
-- wrote it. A server of an earlier version that still runs can add tokens and messages.

ALTER TABLE Tokens
  ADD COLUMN token_id BIGINT NOT NULL AUTO_INCREMENT,
  ADD COLUMN label VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN client VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN created BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN expires BIGINT,
  ADD COLUMN scopes VARCHAR(2048) CHARACTER SET ascii COLLATE ascii_bin,
  ADD UNIQUE KEY Tokens_by_number (token_id),
  ADD KEY Tokens_by_expiry (expires);

UPDATE Tokens SET created = last_used WHERE created = 0;

CREATE TABLE EndedTokens (
  end_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  token_id BIGINT NOT NULL,
  user_id INT NOT NULL,
  ended BIGINT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Codes (
  code_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code_hash BINARY(32) NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  creator_id INT NOT NULL,
  user_id INT,
  role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin,
  rooms VARCHAR(1024) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '[]',
  uses INT NOT NULL,
  used INT NOT NULL DEFAULT 0,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  UNIQUE KEY Codes_by_hash (code_hash),
  KEY Codes_of_creator (creator_id, code_id),
  KEY Codes_of_user (user_id),
  KEY Codes_by_expiry (expires),
  CONSTRAINT Codes_creator FOREIGN KEY (creator_id) REFERENCES Users (user_id),
  CONSTRAINT Codes_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE Messages ADD COLUMN is_bot TINYINT NOT NULL DEFAULT 0;
