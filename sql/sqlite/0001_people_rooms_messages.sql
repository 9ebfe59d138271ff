-- Who is known, which rooms there are, and what was said. A statement ends with `;` at the end of a
-- line. Text compares by its bytes. Times are UTC: created_at and timestamp are for people who look
-- into the tables; the program reads only the integers, in milliseconds.

CREATE TABLE Users (
  user_id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT NOT NULL,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  role TEXT NOT NULL,
  name_key TEXT UNIQUE
) STRICT;

CREATE TABLE Tokens (
  token_hash BLOB NOT NULL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX Tokens_of_user ON Tokens (user_id);

CREATE INDEX Tokens_by_use ON Tokens (last_used);

CREATE TABLE Rooms (
  room_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  topic TEXT NOT NULL DEFAULT '',
  owner_id INTEGER REFERENCES Users (user_id),
  created INTEGER NOT NULL,
  first_seq INTEGER NOT NULL DEFAULT 1,
  last_seq INTEGER NOT NULL DEFAULT 0,
  last_time INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX Rooms_by_key ON Rooms (kind, name_key);

CREATE INDEX Rooms_of_owner ON Rooms (owner_id);

CREATE TABLE RoomNames (
  name_key TEXT NOT NULL PRIMARY KEY,
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX RoomNames_of_room ON RoomNames (room_id);

CREATE TABLE Members (
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  read_seq INTEGER NOT NULL,
  joined INTEGER NOT NULL,
  PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX Members_of_user ON Members (user_id, room_id);

CREATE TABLE Messages (
  message_id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  seq INTEGER NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  cid TEXT,
  target_seq INTEGER,
  reply_to INTEGER,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP,
  content TEXT NOT NULL,
  UNIQUE (room_id, seq),
  UNIQUE (user_id, cid)
) STRICT;

CREATE TABLE Meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
