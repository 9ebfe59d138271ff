-- A message keeps the name under which it was said. A guest's name is theirs while a token of theirs
-- lives: name_key and name_skeleton are set for accounts and for such guests. An inquiry keeps the seq
-- of its latest question. Without their defaults, a server of an earlier version that still runs can
-- add no message without a name. Each statement may be made again after it was cut off.

ALTER TABLE Messages
  ADD COLUMN author VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  ADD COLUMN is_guest TINYINT NOT NULL DEFAULT 0;

ALTER TABLE Messages ALTER COLUMN author DROP DEFAULT, ALTER COLUMN is_guest DROP DEFAULT;

UPDATE Messages m JOIN Users u ON u.user_id = m.user_id
  SET m.author = u.username, m.is_guest = (u.role = 'guest')
  WHERE m.author = '';

ALTER TABLE Users
  ADD COLUMN name_skeleton VARBINARY(64),
  ADD UNIQUE KEY Users_by_skeleton (name_skeleton);

-- Of accounts that look alike, the oldest has the skeleton; all keep their keys.
UPDATE Users u JOIN (
    SELECT MIN(user_id) AS user_id FROM Users WHERE name_key IS NOT NULL AND role <> 'guest'
    GROUP BY LOWER(REPLACE(REPLACE(REPLACE(username, '0', 'O'), '1', 'l'), 'I', 'l'))
  ) oldest ON oldest.user_id = u.user_id
  SET u.name_skeleton =
    LOWER(REPLACE(REPLACE(REPLACE(u.username, '0', 'O'), '1', 'l'), 'I', 'l'));

CREATE TABLE LivingNames (
  user_id INT NOT NULL PRIMARY KEY,
  name_key VARBINARY(64) NOT NULL,
  name_skeleton VARBINARY(64) NOT NULL,
  latest CHAR(27) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  KEY LivingNames_by_key (name_key),
  KEY LivingNames_by_skeleton (name_skeleton)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO LivingNames (user_id, name_key, name_skeleton, latest)
  SELECT u.user_id, LOWER(u.username),
    LOWER(REPLACE(REPLACE(REPLACE(u.username, '0', 'O'), '1', 'l'), 'I', 'l')),
    CONCAT(LPAD(MAX(t.last_used), 15, '0'), LPAD(u.user_id, 12, '0'))
  FROM Users u JOIN Tokens t ON t.user_id = u.user_id
  LEFT JOIN LivingNames l ON l.user_id = u.user_id
  WHERE u.role = 'guest' AND l.user_id IS NULL
  GROUP BY u.user_id, u.username;

DELETE l FROM LivingNames l JOIN Users u ON u.name_key = l.name_key WHERE u.role <> 'guest';

DELETE l FROM LivingNames l JOIN Users u ON u.name_skeleton = l.name_skeleton
  WHERE u.role <> 'guest';

-- Of guests who bear one name, it stays with whoever used their token last.
DELETE l FROM LivingNames l JOIN (
    SELECT name_key, MAX(latest) AS latest FROM LivingNames GROUP BY name_key
  ) winner ON winner.name_key = l.name_key AND winner.latest > l.latest;

DELETE l FROM LivingNames l JOIN (
    SELECT name_skeleton, MAX(latest) AS latest FROM LivingNames GROUP BY name_skeleton
  ) winner ON winner.name_skeleton = l.name_skeleton AND winner.latest > l.latest;

UPDATE Users u JOIN LivingNames l ON l.user_id = u.user_id
  SET u.name_key = l.name_key, u.name_skeleton = l.name_skeleton;

DROP TABLE IF EXISTS LivingNames;

ALTER TABLE Inquiries
  ADD COLUMN asked_seq BIGINT,
  ADD KEY Inquiries_open (asker_id, waiting_since, opened);

UPDATE Inquiries i SET asked_seq =
  (SELECT MAX(m.seq) FROM Messages m WHERE m.room_id = i.room_id AND m.kind = 'message');
