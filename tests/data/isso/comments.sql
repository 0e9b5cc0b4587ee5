-- The tables of Isso 0.13, with odd cases.
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
  modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
  likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
INSERT INTO threads VALUES (1, '/kites/', 'Kites'), (2, '/nets/', NULL);
INSERT INTO comments (tid, id, parent, created, mode, text, author, likes, voters) VALUES
  (1, 1, NULL, 1400000000.5, 1, 'They *fly*.', 'Tom', 2, x''),
  (1, 2, 1, 1400000100, 1, '> They fly.' || char(10) || char(10) || 'Not today.', NULL, 0, x''),
  (1, 3, 1, 1400000200, 4, '', 'Una', 0, x''),          -- deleted, kept for its answers
  (1, 4, 3, 1400000300, 2, 'Waiting for approval.', 'Vic', 0, x''),
  (9, 5, 77, 1400000400, 1, 'Thread and parent are gone.', 'Wim', 0, x''),
  (2, 6, NULL, 1400000500, 1, CAST(x'ff6f6b' AS TEXT), 'Xi', 0, x'');  -- not UTF-8
