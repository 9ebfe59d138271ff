-- An account has a password, as a hash that describes itself, unless its user comes by a token alone. It
-- is a person's or a program's (is_bot), and active or suspended. AccountChanges lists users who were
-- changed, for every server to look at them again. created is in milliseconds.

ALTER TABLE Users ADD COLUMN password VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin;

ALTER TABLE Users ADD COLUMN is_bot TINYINT NOT NULL DEFAULT 0;

ALTER TABLE Users ADD COLUMN state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin
  NOT NULL DEFAULT 'active';

ALTER TABLE Users ADD COLUMN created BIGINT NOT NULL DEFAULT 0;

UPDATE Users SET created = COALESCE(UNIX_TIMESTAMP(created_at), 0) * 1000;

CREATE INDEX Users_by_role_and_name ON Users (role, name_key);

CREATE TABLE AccountChanges (
  change_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT NOT NULL,
  changed BIGINT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
