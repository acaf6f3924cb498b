module pilothouse/testcluster/pause

go 1.25.11
