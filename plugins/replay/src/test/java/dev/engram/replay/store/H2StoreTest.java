package dev.engram.replay.store;

import ai.djl.ndarray.NDManager;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

class H2StoreTest extends JdbcStoreContract {

    private final String name = UUID.randomUUID().toString();

    @Override
    DataSource source() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
        return source;
    }

    @Override
    SampleStore open(NDManager manager) {
        return JdbcStore.builder().setDataSource(source()).setMemory("vision").build();
    }
}
