-- What moderators and administrators decide. Standings holds the users of a room who are more or less
-- than members there; its user may have left. removed: a moderator has ended the membership, and the
-- user has not joined since. A ban without a room holds for the server. Each act is a row of the log,
-- numbered without gaps in the order of the commits: servers of one store follow it. ModerationState
-- holds the number of the latest one, which is locked while another is written, and whether the server
-- is closed to guests.

CREATE TABLE Standings (
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  standing TEXT NOT NULL,
  ends INTEGER,
  removed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE Bans (
  ban_id INTEGER PRIMARY KEY AUTOINCREMENT,
  room_id INTEGER REFERENCES Rooms (room_id),
  user_id INTEGER REFERENCES Users (user_id),
  network TEXT,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  created INTEGER NOT NULL,
  ends INTEGER
) STRICT;

CREATE INDEX Bans_in_room ON Bans (room_id, user_id);

CREATE TABLE ModerationLog (
  entry_id INTEGER PRIMARY KEY,
  room_id INTEGER,
  room_name TEXT,
  act TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  author TEXT NOT NULL,
  target_id INTEGER,
  target_name TEXT,
  network TEXT,
  detail TEXT,
  ends INTEGER,
  reason TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;

CREATE INDEX ModerationLog_in_room ON ModerationLog (room_id, entry_id);

CREATE TABLE ModerationState (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE Ignores (
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  ignored_id INTEGER NOT NULL REFERENCES Users (user_id),
  PRIMARY KEY (user_id, ignored_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE Rooms ADD COLUMN moderated INTEGER NOT NULL DEFAULT 0;

INSERT OR IGNORE INTO ModerationState (name, value) VALUES ('entry', '0'), ('panic', 'off');
