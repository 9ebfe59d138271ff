-- What is asked at the desk: a row beside each room of kind `inquiry`. Its number is its own, not the
-- room's, so that numbers count inquiries. cid is that of the first message: asking again by the same
-- one finds the same inquiry.

CREATE TABLE Inquiries (
  inquiry_id INTEGER PRIMARY KEY AUTOINCREMENT,
  room_id INTEGER UNIQUE REFERENCES Rooms (room_id),
  asker_id INTEGER NOT NULL REFERENCES Users (user_id),
  assignee_id INTEGER REFERENCES Users (user_id),
  state TEXT NOT NULL DEFAULT 'open',
  cid TEXT,
  opened INTEGER NOT NULL,
  first_answered INTEGER,
  waiting_since INTEGER,
  UNIQUE (asker_id, cid)
) STRICT;

CREATE INDEX Inquiries_waiting ON Inquiries (waiting_since);

CREATE INDEX Inquiries_answered ON Inquiries (first_answered);
