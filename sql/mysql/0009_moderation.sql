-- What moderators and administrators decide. Standings holds the users of a room who are more or less
-- than members there; its user may have left. removed: a moderator has ended the membership, and the
-- user has not joined since. A ban without a room holds for the server. Each act is a row of the log,
-- numbered without gaps in the order of the commits: servers of one store follow it. ModerationState
-- holds the number of the latest one, which is locked while another is written, and whether the server
-- is closed to guests.

CREATE TABLE Standings (
  room_id INT NOT NULL,
  user_id INT NOT NULL,
  standing VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ends BIGINT,
  removed TINYINT NOT NULL DEFAULT 0,
  PRIMARY KEY (room_id, user_id),
  CONSTRAINT Standings_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id),
  CONSTRAINT Standings_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Bans (
  ban_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room_id INT,
  user_id INT,
  network VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  author VARCHAR(255) NOT NULL,
  reason VARCHAR(1024) NOT NULL,
  created BIGINT NOT NULL,
  ends BIGINT,
  KEY Bans_in_room (room_id, user_id),
  CONSTRAINT Bans_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id),
  CONSTRAINT Bans_user FOREIGN KEY (user_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE ModerationLog (
  entry_id BIGINT NOT NULL PRIMARY KEY,
  room_id INT,
  room_name VARCHAR(255),
  act VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id INT NOT NULL,
  author VARCHAR(255) NOT NULL,
  target_id INT,
  target_name VARCHAR(255),
  network VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  detail VARCHAR(1024),
  ends BIGINT,
  reason VARCHAR(1024) NOT NULL,
  time BIGINT NOT NULL,
  KEY ModerationLog_in_room (room_id, entry_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE ModerationState (
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE Ignores (
  user_id INT NOT NULL,
  ignored_id INT NOT NULL,
  PRIMARY KEY (user_id, ignored_id),
  KEY Ignores_of (ignored_id),
  CONSTRAINT Ignores_user FOREIGN KEY (user_id) REFERENCES Users (user_id),
  CONSTRAINT Ignores_ignored FOREIGN KEY (ignored_id) REFERENCES Users (user_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE Rooms ADD COLUMN moderated TINYINT NOT NULL DEFAULT 0;

INSERT IGNORE INTO ModerationState (name, value) VALUES ('entry', '0'), ('panic', 'off');
