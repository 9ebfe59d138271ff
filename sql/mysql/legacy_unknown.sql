-- Whoever a message is from and Users does not have: a row of that number, called unknown, by which
-- nobody can be addressed.

INSERT INTO Users (user_id, username, role)
  SELECT DISTINCT m.user_id, 'unknown', 'member'
  FROM Messages m LEFT JOIN Users u ON u.user_id = m.user_id
  WHERE u.user_id IS NULL;
