-- Who is known, which rooms there are, and what was said. A statement ends with `;` at the end of a
-- line. Keys are VARBINARY and text is utf8mb4_bin: no collation decides what is the same. Times are
-- UTC: created_at and timestamp are for people who look into the tables; the program reads only the
-- BIGINTs, in milliseconds.

CREATE TABLE Users (
  user_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  username VARCHAR(255) NOT NULL,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
  role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_key VARBINARY(64),
  UNIQUE KEY Users_by_key (name_key)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Tokens (
  token_hash BINARY(32) NOT NULL PRIMARY KEY,
  user_id INT NOT NULL,
  last_used BIGINT NOT NULL,
  KEY Tokens_of_user (user_id),
  KEY Tokens_by_use (last_used),
  CONSTRAINT Tokens_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Rooms (
  room_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  name_key VARBINARY(255) NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  topic VARCHAR(1024) NOT NULL DEFAULT '',
  owner_id INT,
  created BIGINT NOT NULL,
  first_seq BIGINT NOT NULL DEFAULT 1,
  last_seq BIGINT NOT NULL DEFAULT 0,
  last_time BIGINT NOT NULL DEFAULT 0,
  KEY Rooms_by_key (kind, name_key),
  KEY Rooms_of_owner (owner_id),
  CONSTRAINT Rooms_owner FOREIGN KEY (owner_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE RoomNames (
  name_key VARBINARY(255) NOT NULL PRIMARY KEY,
  room_id INT NOT NULL,
  KEY RoomNames_of_room (room_id),
  CONSTRAINT RoomNames_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Members (
  room_id INT NOT NULL,
  user_id INT NOT NULL,
  read_seq BIGINT NOT NULL,
  joined BIGINT NOT NULL,
  PRIMARY KEY (room_id, user_id),
  KEY Members_of_user (user_id, room_id),
  CONSTRAINT Members_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id),
  CONSTRAINT Members_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Messages (
  message_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT NOT NULL,
  room_id INT NOT NULL,
  seq BIGINT NOT NULL,
  time BIGINT NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cid VARBINARY(64),
  target_seq BIGINT,
  reply_to BIGINT,
  timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
  content TEXT NOT NULL,
  UNIQUE KEY Messages_in_room (room_id, seq),
  UNIQUE KEY Messages_by_cid (user_id, cid),
  CONSTRAINT Messages_user FOREIGN KEY (user_id) REFERENCES Users (user_id),
  CONSTRAINT Messages_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Meta (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value VARCHAR(255) NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
