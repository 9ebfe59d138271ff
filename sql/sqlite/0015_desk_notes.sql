-- answered_seq is the latest answer in an inquiry's room. notes_id is the room of its notes, once there is one.
-- queue is the name of its queue; NULL where none was named. unseen_at and unanswered_at are when operators
-- were alarmed that nobody had seen it, or answered it, since it began to wait.

ALTER TABLE Inquiries ADD COLUMN answered_seq INTEGER;

ALTER TABLE Inquiries ADD COLUMN notes_id INTEGER REFERENCES Rooms (room_id);

ALTER TABLE Inquiries ADD COLUMN queue TEXT;

ALTER TABLE Inquiries ADD COLUMN unseen_at INTEGER;

ALTER TABLE Inquiries ADD COLUMN unanswered_at INTEGER;

CREATE INDEX Inquiries_by_queue ON Inquiries (queue, snoozed_until, waiting_since, inquiry_id);
