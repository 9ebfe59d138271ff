-- answered_seq is the latest answer in an inquiry's room. notes_id is the room of its notes, once there is one.
-- queue is the name of its queue; NULL where none was named. unseen_at and unanswered_at are when operators
-- were alarmed that nobody had seen it, or answered it, since it began to wait.

ALTER TABLE Inquiries
  ADD COLUMN answered_seq BIGINT,
  ADD COLUMN notes_id INT,
  ADD COLUMN queue VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  ADD COLUMN unseen_at BIGINT,
  ADD COLUMN unanswered_at BIGINT,
  ADD CONSTRAINT Inquiries_notes FOREIGN KEY (notes_id) REFERENCES Rooms (room_id),
  ADD KEY Inquiries_by_queue (queue, snoozed_until, waiting_since, inquiry_id);
