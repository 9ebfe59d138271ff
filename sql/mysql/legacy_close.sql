-- All messages are numbered: the table gets the rules that hold from now on, and the lobby its head.

ALTER TABLE Messages
  MODIFY COLUMN user_id INT NOT NULL,
  MODIFY COLUMN seq BIGINT NOT NULL,
  MODIFY COLUMN time BIGINT NOT NULL,
  ADD UNIQUE KEY Messages_by_cid (user_id, cid),
  ADD CONSTRAINT Messages_user FOREIGN KEY (user_id) REFERENCES Users (user_id);

UPDATE Rooms SET
  last_seq = (SELECT COALESCE(MAX(seq), 0) FROM Messages WHERE room_id = 1),
  last_time = (SELECT COALESCE(MAX(time), 0) FROM Messages WHERE room_id = 1)
  WHERE room_id = 1;
