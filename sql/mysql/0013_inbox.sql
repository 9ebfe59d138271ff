-- Bookmarks: messages that a user wants to come back to, the latest bookmark last.

CREATE TABLE Bookmarks (
  bookmark_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT NOT NULL,
  room_id INT NOT NULL,
  seq BIGINT NOT NULL,
  added BIGINT NOT NULL,
  UNIQUE KEY Bookmarks_once (user_id, room_id, seq),
  KEY Bookmarks_of_user (user_id, bookmark_id),
  KEY Bookmarks_in_room (room_id, seq),
  CONSTRAINT Bookmarks_user FOREIGN KEY (user_id) REFERENCES Users (user_id),
  CONSTRAINT Bookmarks_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
