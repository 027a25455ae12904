package dev.engram.replay.store.jdbc;

import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Numbers that no other process takes from the same database, without asking it each time.
 *
 * <p>The upper half is a random number of 31 bits that is entered in a table, where a second one
 * like it is refused; the lower half counts.
 */
final class NodeIds {

    private static final long LAST = (1L << Integer.SIZE) - 1;

    private final Database database;
    private final SecureRandom random = new SecureRandom();
    private long node;
    private long counter = LAST;

    NodeIds(Database database) {
        this.database = database;
    }

    long next() {
        if (counter == LAST) {
            node = enterNode();
            counter = 0;
        }
        counter++;
        return node << Integer.SIZE | counter;
    }

    private long enterNode() {
        return database.run(
                connection -> {
                    try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO engram_node (node) VALUES (?)")) {
                        while (true) {
                            long drawn = 1L + random.nextInt(Integer.MAX_VALUE);
                            insert.setLong(1, drawn);
                            if (isNew(insert)) {
                                return drawn;
                            }
                        }
                    }
                });
    }

    private static boolean isNew(PreparedStatement insert) throws SQLException {
        try {
            return insert.executeUpdate() == 1;
        } catch (SQLException e) {
            if (Database.isDuplicate(e)) {
                return false;
            }
            throw e;
        }
    }
}
