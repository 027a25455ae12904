package dev.engram.replay.store.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotTableTest {

    @Test
    void itHoldsWhatAMapHolds() {
        SlotTable table = new SlotTable();
        Map<Long, Long> map = new HashMap<>();
        Random random = new Random(1);
        for (int step = 0; step < 200_000; step++) {
            long id = 1 + random.nextInt(3000) + ((long) random.nextInt(2) << 40);
            if (random.nextInt(5) < 3) {
                table.put(id, step);
                map.put(id, (long) step);
            } else {
                Long expected = map.remove(id);
                assertThat(table.remove(id)).isEqualTo(expected == null ? -1 : expected);
            }
        }
        for (long id = 1; id <= 3001; id++) {
            assertThat(table.get(id)).isEqualTo(map.getOrDefault(id, -1L));
            assertThat(table.get(id + (1L << 40)))
                    .isEqualTo(map.getOrDefault(id + (1L << 40), -1L));
        }
        assertThat(table.size()).isEqualTo(map.size());
    }
}
