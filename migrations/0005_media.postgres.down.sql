DROP TABLE remote_files;
DROP TABLE media;
