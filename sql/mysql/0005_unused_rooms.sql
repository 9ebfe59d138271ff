-- Rooms that guests made and nobody used vanish with their names. uses counts how often a server has
-- said that an empty room is heard: a room of which it has not changed for long is heard by nobody.

ALTER TABLE Rooms ADD COLUMN uses BIGINT NOT NULL DEFAULT 0;
