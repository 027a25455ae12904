package dev.engram.djl.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.engram.api.metrics.AccuracyMatrix;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionReportTest {

    private static RetentionReport report() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a \"quoted\"", "</script><b>"));
        matrix.addRow(0.9);
        matrix.addRow(0.6, 0.8);
        return new RetentionReport(
                "Title", Map.of("seed", "1"), List.of(ReportedRun.of("none", matrix, 2)));
    }

    @Test
    void jsonHoldsMatrixAndMetricsAsFractions() {
        JsonObject run =
                JsonParser.parseString(report().json())
                        .getAsJsonObject()
                        .getAsJsonArray("runs")
                        .get(0)
                        .getAsJsonObject();
        assertThat(run.get("averageAccuracy").getAsDouble()).isEqualTo(0.7);
        assertThat(
                        run.getAsJsonArray("accuracyMatrix")
                                .get(1)
                                .getAsJsonArray()
                                .get(0)
                                .getAsDouble())
                .isEqualTo(0.6);
    }

    @Test
    void csvHasALineForEachMeasurement() {
        assertThat(report().csv().lines())
                .hasSize(4)
                .contains("\"none\",\"a \"\"quoted\"\"\",\"a \"\"quoted\"\"\",0.9");
    }

    @Test
    void thePageBringsItsChartsAndAsksNoOtherJarForThem() throws IOException {
        assertThat(RetentionReport.class.getResource("chart.umd.min.js")).isNotNull();
        assertThat(report().html()).contains("Chart.js v");
    }

    @Test
    void thePageReadsNothingFromTheNetworkAndNamesAreNotMarkup() throws IOException {
        String html = report().html();
        assertThat(html).doesNotContain("src=\"").doesNotContain("<link").doesNotContain("<b>");
        assertThat(html).contains("&lt;/script&gt;&lt;b&gt;").contains("60.0");
    }
}
