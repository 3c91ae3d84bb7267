package dev.anneal.transformer.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedModuleTest {
    @Test
    void usersOfTheSameProgramShareItsModuleAlsoOneAfterTheOther() {
        SharedModule first = SharedModule.take(key(0));
        SharedModule second = SharedModule.take(key(0));
        SharedModule other = SharedModule.take(key(1));

        assertThat(second).isSameAs(first);
        assertThat(other).isNotSameAs(first);
        first.giveBack();
        second.giveBack();
        other.giveBack();
        SharedModule again = SharedModule.take(key(0));
        assertThat(again).isSameAs(first);
        again.giveBack();
    }

    @Test
    void theOneThatIsUnusedForTheLongestTimeIsFreedAndNoneThatIsUsed() {
        SharedModule used = SharedModule.take(key(0));
        SharedModule unused = SharedModule.take(key(1));
        unused.giveBack();
        List<SharedModule> later = new ArrayList<>();
        for (int i = 0; i < SharedModule.MOST_UNUSED; i++) {
            later.add(SharedModule.take(key(2 + i)));
        }
        later.forEach(SharedModule::giveBack);

        SharedModule loadedAgain = SharedModule.take(key(1));
        SharedModule last = SharedModule.take(key(1 + SharedModule.MOST_UNUSED));
        SharedModule stillUsed = SharedModule.take(key(0));
        assertThat(loadedAgain).isNotSameAs(unused);
        assertThat(last).isSameAs(later.get(later.size() - 1));
        assertThat(stillUsed).isSameAs(used);
        List.of(loadedAgain, last, stillUsed, used).forEach(SharedModule::giveBack);
    }

    private static SharedModule.Key key(int frozen) {
        ModelConfig config = ModelConfig.read(Path.of("src/test/resources/models/bert"));
        Architecture architecture = Architecture.of(config);
        Map<String, Object> settings = new HashMap<>(architecture.settings(config));
        settings.put("frozen", frozen);
        settings.put("attention_drop", 0.0);
        return new SharedModule.Key(
                Torch.device("cpu"),
                architecture.program(),
                settings,
                Map.of("objective", "supervised", "head", "classification"));
    }
}
