package dev.engram.kit.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Sha256Test {

    /** FIPS 180-2, appendix B.1. */
    private static final String ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void theSumIsThatOfAllThatWasPut() throws IOException {
        assertThat(Sha256.begin().put("abc").hex()).isEqualTo(ABC);
        Sha256 sum = Sha256.begin().put("a");
        try (OutputStream stream = sum.stream()) {
            stream.write('b');
        }
        assertThat(sum.put(ByteBuffer.wrap(new byte[] {'c'})).hex()).isEqualTo(ABC);
    }

    @Test
    void askingForTheSumDoesNotEndIt() {
        Sha256 sum = Sha256.begin().put("ab");
        sum.hex();
        assertThat(sum.put("c").hex()).isEqualTo(ABC);
    }

    @Test
    void aNumberIsItsLowestByteFirst() {
        String bytes = new String(new byte[] {1, 2, 0, 0}, StandardCharsets.UTF_8);
        assertThat(Sha256.begin().put(0x0201).hex()).isEqualTo(Sha256.begin().put(bytes).hex());
    }

    /** RFC 4231, test case 2. */
    @Test
    void anHmacIsThatOfTheStandard() {
        assertThat(
                        Sha256.hmac(
                                "Jefe".getBytes(StandardCharsets.UTF_8),
                                "what do ya want for nothing?"))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
