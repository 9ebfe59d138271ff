-- Questions that are decided by a choice. choices (a JSON array), needs and expires are the terms of a
-- question; closed is when it was decided or closed, outcome_seq the event that did it. details is what
-- only events of decisions have, as JSON. Decisions holds the latest choice of each operator.

ALTER TABLE Messages ADD COLUMN details TEXT;

ALTER TABLE Inquiries ADD COLUMN choices TEXT;

ALTER TABLE Inquiries ADD COLUMN needs INTEGER;

ALTER TABLE Inquiries ADD COLUMN expires INTEGER;

ALTER TABLE Inquiries ADD COLUMN closed INTEGER;

ALTER TABLE Inquiries ADD COLUMN outcome_seq INTEGER;

CREATE INDEX Inquiries_expiring ON Inquiries (closed, expires);

CREATE TABLE Decisions (
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  seq INTEGER NOT NULL,
  choice TEXT NOT NULL,
  PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
