-- Messages that were changed: their row has the text as it is now, and says which event of their room has
-- edited or deleted it last. EditMentions lists the members whom an edit was the first to name.

ALTER TABLE Messages
  ADD COLUMN edited_seq BIGINT,
  ADD COLUMN deleted_seq BIGINT;

CREATE TABLE EditMentions (
  room_id INT NOT NULL,
  seq BIGINT NOT NULL,
  user_id INT NOT NULL,
  PRIMARY KEY (room_id, seq, user_id),
  CONSTRAINT EditMentions_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id),
  CONSTRAINT EditMentions_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
