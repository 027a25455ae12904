package dev.engram.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AdapterRunTest {

    @Test
    void noTwoTasksHaveOneFileAndPlainNamesStay() {
        List<String> tasks =
                List.of("letters", "Letters", "a b", "a-b", "a_b", "a.b", "ü", "ö", "..", "/", " ");
        List<String> files = tasks.stream().map(AdapterRun::fileName).toList();
        assertThat(files).doesNotHaveDuplicates().contains("letters.onnx_adapter");
        assertThat(files).allMatch(file -> file.matches("[a-z0-9-]+\\.onnx_adapter"));
        assertThat(files.get(1)).startsWith("letters-");
    }
}
