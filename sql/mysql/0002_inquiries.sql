-- What is asked at the desk: a row beside each room of kind `inquiry`. Its number is its own, not the
-- room's, so that numbers count inquiries. cid is that of the first message: asking again by the same
-- one finds the same inquiry.

CREATE TABLE Inquiries (
  inquiry_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room_id INT,
  asker_id INT NOT NULL,
  assignee_id INT,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
  cid VARBINARY(64),
  opened BIGINT NOT NULL,
  first_answered BIGINT,
  waiting_since BIGINT,
  UNIQUE KEY Inquiries_by_cid (asker_id, cid),
  UNIQUE KEY Inquiries_of_room (room_id),
  KEY Inquiries_waiting (waiting_since),
  KEY Inquiries_answered (first_answered),
  CONSTRAINT Inquiries_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id),
  CONSTRAINT Inquiries_asker FOREIGN KEY (asker_id) REFERENCES Users (user_id),
  CONSTRAINT Inquiries_assignee FOREIGN KEY (assignee_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
