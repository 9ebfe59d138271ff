-- Bookmarks: messages that a user wants to come back to, the latest bookmark last.

CREATE TABLE Bookmarks (
  bookmark_id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  seq INTEGER NOT NULL,
  added INTEGER NOT NULL,
  UNIQUE (user_id, room_id, seq)
) STRICT;

CREATE INDEX Bookmarks_of_user ON Bookmarks (user_id, bookmark_id);

CREATE INDEX Bookmarks_in_room ON Bookmarks (room_id, seq);
