-- Unread messages, mentions and members are known, not counted when they are asked for. The messages of
-- a room are numbered beside their seq; an event that is no message has the number of the last one
-- before it. A message without a number is older than this version: its number is its seq. A
-- membership repeats the names of its user and room, so that both lists come by an index.

ALTER TABLE Rooms
  ADD COLUMN last_number BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN member_count INT NOT NULL DEFAULT 0;

ALTER TABLE Messages ADD COLUMN number BIGINT;

ALTER TABLE Members
  ADD COLUMN read_number BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN name_key VARCHAR(255) NOT NULL DEFAULT '',
  ADD COLUMN room_key VARBINARY(255) NOT NULL DEFAULT '',
  DROP KEY Members_of_user,
  ADD KEY Members_of_user (user_id, room_key),
  ADD KEY Members_by_name (room_id, name_key, user_id);

ALTER TABLE Inquiries ADD KEY Inquiries_of_asker (asker_id, inquiry_id);

CREATE TABLE Mentions (
  user_id INT NOT NULL,
  room_id INT NOT NULL,
  seq BIGINT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (user_id, room_id, seq),
  KEY Mentions_in_room (room_id),
  CONSTRAINT Mentions_user FOREIGN KEY (user_id) REFERENCES Users (user_id),
  CONSTRAINT Mentions_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

UPDATE Rooms SET last_number = last_seq, member_count =
  (SELECT COUNT(*) FROM Members m WHERE m.room_id = Rooms.room_id);

-- A message of one's own counts as read from now on: so do those that are there.
UPDATE Members k JOIN (
  SELECT m.room_id, m.user_id, MAX(m.seq) AS seq FROM Rooms r
  JOIN Messages m ON m.room_id = r.room_id AND m.seq > r.last_seq - 10000
  GROUP BY m.room_id, m.user_id
) AS own ON k.room_id = own.room_id AND k.user_id = own.user_id
SET k.read_seq = own.seq WHERE k.read_seq < own.seq;

UPDATE Members k JOIN Users u ON u.user_id = k.user_id JOIN Rooms r ON r.room_id = k.room_id
SET k.read_number = k.read_seq, k.name_key = LOWER(u.username), k.room_key = r.name_key;

INSERT INTO Mentions (user_id, room_id, seq, number)
  SELECT k.user_id, k.room_id, m.seq, 0
  FROM Rooms r JOIN Messages m ON m.room_id = r.room_id AND m.seq > r.last_seq - 1000
  JOIN Members k ON k.room_id = m.room_id AND k.read_seq < m.seq AND k.user_id <> m.user_id
  WHERE INSTR(m.content, '@') > 0 AND CASE WHEN k.name_key REGEXP '^[a-z0-9_-]+$'
    THEN CONCAT(LOWER(m.content), ' ') REGEXP CONCAT('@', k.name_key, '[^a-z0-9_-]') ELSE 0 END
  ON DUPLICATE KEY UPDATE number = 0;

UPDATE Mentions n JOIN (
  SELECT a.user_id, a.room_id, a.seq, COUNT(*) AS number FROM Mentions a
  JOIN Mentions b ON b.user_id = a.user_id AND b.room_id = a.room_id AND b.seq <= a.seq
  GROUP BY a.user_id, a.room_id, a.seq
) AS counted ON n.user_id = counted.user_id AND n.room_id = counted.room_id AND n.seq = counted.seq
SET n.number = counted.number;
