package dev.engram.kit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileSafetensorsTest {

    @TempDir private Path root;
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Eight bytes of values follow; T is the rest of an entry of one float. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'a':{T,'data_offsets':[0,4]},'b':{T,'data_offsets':[2,6]}}|begins at byte 2",
                "{'a':{T,'data_offsets':[0,4]},'b':{T,'data_offsets':[0,4]}}|begins at byte 0",
                "{'a':{T,'data_offsets':[4,8]}}|begins at byte 4",
                "{'a':{T,'data_offsets':[0,4]}}|4 bytes follow its last tensor",
                "{'a':{T,'data_offsets':[-4,0]},'b':{T,'data_offsets':[0,4]}}|no span of bytes",
                "{'a':{T,'data_offsets':[8,4]}}|no span of bytes",
                "{'a':{T,'data_offsets':[0,4,8]}}|no span of bytes",
                "{'a':{T,'data_offsets':[4,8]},'a':{T,'data_offsets':[0,4]}}|is there twice",
                "{'a':{T,'shape':[2],'data_offsets':[0,8]}}|states its shape twice",
                "{'a':{'dtype':'F32','shape':[-1,-1],'data_offsets':[0,8]}}|no possible number",
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|no"
                        + " possible",
                "{'a':{'dtype':'F32','shape':[1e400],'data_offsets':[0,8]}}|cannot be read",
                "{'a':{'dtype':'F8_E5M2','shape':[8],'data_offsets':[0,8]}}|is of type F8_E5M2",
                "{'a':[]}|cannot be read",
                "{'a':null}|cannot be read",
                "[]|cannot be read",
                "{} {}|cannot be read"
            })
    void aHeaderThatMakesNoSenseIsRefusedWithItsReason(String header, String told)
            throws IOException {
        String json = header.replace("T", "'dtype':'F32','shape':[1]").replace('\'', '"');
        assertThatThrownBy(() -> Safetensors.read(write(json, 8), manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("t.safetensors")
                .hasMessageContaining(told);
        assertThat(manager.getManagedArrays()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40, 9})
    void aHeaderLongerThanTheFileIsNotBelieved(long length) throws IOException {
        Path file = write("{}", 0);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        Files.write(file, bytes);
        assertThatThrownBy(() -> Safetensors.read(file, manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("states a header of " + Long.toUnsignedString(length));
    }

    @Test
    void aDeepHeaderIsNoStackOverflow() throws IOException {
        Path file = write("{\"__metadata__\":" + "[".repeat(3_000_000), 0);
        assertThatThrownBy(() -> Safetensors.read(file, manager))
                .isInstanceOf(EngramException.class);
    }

    @Test
    void aHeaderFullOfProblemsIsToldInAFew() throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 200_000; i++) {
            json.append(i == 0 ? "" : ",").append('"').append(i).append("\":{}");
        }
        Path file = write(json.append('}').toString(), 0);
        Throwable refusal = catchThrowable(() -> Safetensors.read(file, manager));
        assertThat(refusal)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("and 199980 more");
        assertThat(refusal.getMessage()).hasSizeLessThan(10_000);
    }

    private Path write(String header, int values) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + text.length + values).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        Path file = root.resolve("t.safetensors");
        Files.write(file, bytes.array());
        return file;
    }
}
