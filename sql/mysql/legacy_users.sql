-- The old program's users become ours; its columns keep their places. The default of role fills the
-- rows that are there, and is then taken away: from here on a row needs one. A time that changes itself
-- with its row becomes one that does not; it keeps its fractions of seconds.

ALTER TABLE Users
  ENGINE=InnoDB,
  ROW_FORMAT=DYNAMIC,
  DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  MODIFY COLUMN username VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  MODIFY COLUMN created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'member'
    AFTER created_at,
  ADD COLUMN name_key VARBINARY(64) AFTER role,
  ADD UNIQUE KEY Users_by_key (name_key);

ALTER TABLE Users ALTER COLUMN role DROP DEFAULT;
