-- The old program's messages come into the lobby, not numbered yet. Without the default of room_id the
-- old program can add no more: a strict session lacks a value, any other names a room 0 that is none.
-- MEDIUMTEXT is narrowed to TEXT where every text fits.

ALTER TABLE Messages
  ENGINE=InnoDB,
  ROW_FORMAT=DYNAMIC,
  DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  MODIFY COLUMN message_id BIGINT NOT NULL AUTO_INCREMENT,
  MODIFY COLUMN timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN room_id INT NOT NULL DEFAULT 1 AFTER user_id,
  ADD COLUMN seq BIGINT AFTER room_id,
  ADD COLUMN time BIGINT AFTER seq,
  ADD COLUMN kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'message'
    AFTER time,
  ADD COLUMN cid VARBINARY(64) AFTER kind,
  ADD COLUMN target_seq BIGINT AFTER cid,
  ADD COLUMN reply_to BIGINT AFTER target_seq,
  MODIFY COLUMN content MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
    AFTER timestamp,
  ADD UNIQUE KEY Messages_in_room (room_id, seq),
  ADD CONSTRAINT Messages_room FOREIGN KEY (room_id) REFERENCES Rooms (room_id);

ALTER TABLE Messages ALTER COLUMN room_id DROP DEFAULT, ALTER COLUMN kind DROP DEFAULT;
