-- Questions that are decided by a choice. choices (a JSON array), needs and expires are the terms of a
-- question; closed is when it was decided or closed, outcome_seq the event that did it. details is what
-- only events of decisions have, as JSON. Decisions holds the latest choice of each operator. Each
-- statement may be made again after it was cut off.

ALTER TABLE Messages ADD COLUMN details TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE Inquiries
  ADD COLUMN choices TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  ADD COLUMN needs INT,
  ADD COLUMN expires BIGINT,
  ADD COLUMN closed BIGINT,
  ADD COLUMN outcome_seq BIGINT,
  ADD KEY Inquiries_expiring (closed, expires);

CREATE TABLE Decisions (
  room_id INT NOT NULL,
  user_id INT NOT NULL,
  seq BIGINT NOT NULL,
  choice VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (room_id, user_id),
  CONSTRAINT Decisions_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id),
  CONSTRAINT Decisions_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
