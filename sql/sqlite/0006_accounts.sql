-- An account has a password, as a hash that describes itself, unless its user comes by a token alone. It
-- is a person's or a program's (is_bot), and active or suspended. AccountChanges lists users who were
-- changed, for every server to look at them again. created is in milliseconds.

ALTER TABLE Users ADD COLUMN password TEXT;

ALTER TABLE Users ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Users ADD COLUMN state TEXT NOT NULL DEFAULT 'active';

ALTER TABLE Users ADD COLUMN created INTEGER NOT NULL DEFAULT 0;

UPDATE Users SET created = COALESCE(CAST(strftime('%s', created_at) AS INTEGER), 0) * 1000;

CREATE INDEX Users_by_role_and_name ON Users (role, name_key);

CREATE TABLE AccountChanges (
  change_id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
