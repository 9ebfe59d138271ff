-- Unread messages, mentions and members are known, not counted when they are asked for. The messages of
-- a room are numbered beside their seq; an event that is no message has the number of the last one
-- before it. A message without a number is older than this version: its number is its seq. A
-- membership repeats the names of its user and room, so that both lists come by an index.

ALTER TABLE Rooms ADD COLUMN last_number INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Rooms ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Messages ADD COLUMN number INTEGER;

ALTER TABLE Members ADD COLUMN read_number INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Members ADD COLUMN name_key TEXT NOT NULL DEFAULT '';

ALTER TABLE Members ADD COLUMN room_key TEXT NOT NULL DEFAULT '';

DROP INDEX Members_of_user;

CREATE INDEX Members_of_user ON Members (user_id, room_key);

CREATE INDEX Members_by_name ON Members (room_id, name_key, user_id);

CREATE INDEX Inquiries_of_asker ON Inquiries (asker_id, inquiry_id);

CREATE TABLE Mentions (
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  seq INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id, seq)
) STRICT, WITHOUT ROWID;

UPDATE Rooms SET last_number = last_seq, member_count =
  (SELECT COUNT(*) FROM Members m WHERE m.room_id = Rooms.room_id);

-- A message of one's own counts as read from now on: so do those that are there.
UPDATE Members SET read_seq = own.seq FROM (
  SELECT m.room_id, m.user_id, MAX(m.seq) AS seq FROM Rooms r
  JOIN Messages m ON m.room_id = r.room_id AND m.seq > r.last_seq - 10000
  GROUP BY m.room_id, m.user_id
) AS own WHERE Members.room_id = own.room_id AND Members.user_id = own.user_id
  AND Members.read_seq < own.seq;

UPDATE Members SET read_number = read_seq,
  name_key = (SELECT LOWER(u.username) FROM Users u WHERE u.user_id = Members.user_id),
  room_key = (SELECT r.name_key FROM Rooms r WHERE r.room_id = Members.room_id);

INSERT INTO Mentions (user_id, room_id, seq, number)
  SELECT k.user_id, k.room_id, m.seq,
    ROW_NUMBER() OVER (PARTITION BY k.user_id, k.room_id ORDER BY m.seq)
  FROM Rooms r JOIN Messages m ON m.room_id = r.room_id AND m.seq > r.last_seq - 1000
  JOIN Members k ON k.room_id = m.room_id AND k.read_seq < m.seq AND k.user_id <> m.user_id
  WHERE INSTR(m.content, '@') > 0
    AND LOWER(m.content) || ' ' GLOB '*@' || k.name_key || '[^a-z0-9_-]*';
