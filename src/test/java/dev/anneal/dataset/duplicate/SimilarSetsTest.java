package dev.anneal.dataset.duplicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimilarSetsTest {
    /** Returns a set of shingles that all sets have, apart from a few, of ones that many have, and of ones that few have. */
    private static int[] set(Random random, int common, int frequent, int rare) {
        TreeSet<Integer> set = new TreeSet<>();
        for (int i = 0; i < common; i++) {
            if (random.nextInt(40) > 0) {
                set.add(Shingles.mix(i));
            }
        }
        for (int i = 0; i < frequent; i++) {
            set.add(Shingles.mix(10_000 + random.nextInt(3 * frequent)));
        }
        for (int i = random.nextInt(rare + 1); i > 0; i--) {
            set.add(random.nextInt());
        }
        set.add(random.nextInt());
        return set.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] changed(int[] set, Random random) {
        int[] changed = set.clone();
        for (int i = random.nextInt(set.length / 4 + 2); i > 0; i--) {
            changed[random.nextInt(set.length)] = random.nextInt();
        }
        return Arrays.stream(changed).distinct().sorted().toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "0.8, 0, 0, 60",
        "0.8, 0, 40, 10",
        "0.8, 100, 0, 20",
        "0.8, 100, 20, 20",
        "0.8, 100, 0, 40",
        "0.5, 30, 20, 20",
        "0.9, 200, 10, 20",
        "1, 10, 3, 1",
        "0.8, 3, 1, 1"
    })
    void aSimilarSetIsFoundIfOneIsFoundByComparingAll(double similarity, int common, int frequent, int rare) {
        int found = 0;
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            List<int[]> all = new ArrayList<>();
            while (all.size() < 90) {
                all.add(
                        all.isEmpty() || random.nextInt(3) > 0
                                ? set(random, common, frequent, rare)
                                : changed(all.get(random.nextInt(all.size())), random));
            }
            SimilarSets sets = new SimilarSets(similarity);
            for (int time = 0; time < 2; time++) { // the second time tells what clear forgets
                sets.clear();
                all.subList(0, 20).forEach(sets::sample);
                for (int i = 0; i < all.size(); i++) {
                    int[] set = all.get(i);
                    List<Integer> similar = new ArrayList<>();
                    for (int j = 0; j < i; j++) {
                        if (Shingles.jaccard(all.get(j), set) >= similarity) {
                            similar.add(j);
                        }
                    }

                    int row = sets.find(set);

                    if (similar.isEmpty()) {
                        assertThat(row).isEqualTo(SimilarSets.NONE);
                    } else {
                        assertThat(similar).as("seed %d", seed).contains(row);
                        found++;
                    }
                    sets.add(i, set);
                }
            }
        }
        assertThat(found).isGreaterThan(100);
    }

    /** Returns the ints and longs in the arrays of an object, in ints. */
    private static long ints(Object object) throws IllegalAccessException {
        long ints = 0;
        for (Field field : object.getClass().getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                if (field.get(object) instanceof int[] numbers) {
                    ints += numbers.length;
                } else if (field.get(object) instanceof int[][] sets) {
                    ints += Arrays.stream(sets)
                            .mapToLong(set -> set == null ? 0 : set.length)
                            .sum();
                } else if (field.get(object) instanceof long[] numbers) {
                    ints += 2L * numbers.length;
                }
            }
        }
        return ints;
    }

    @ParameterizedTest
    @CsvSource({
        "3000000, 2",
        "1000000, 3",
        "240000, 16",
        "100000, 16",
        "20000, 13",
        "2000, 100",
        "200, 1000",
        "20, 8000"
    })
    void theSetsTakeNoMoreThanTheirRoom(int shingles, int least) throws IllegalAccessException {
        Random random = new Random(1);
        SimilarSets sets = new SimilarSets(0.8);
        int added = 0;
        for (int[] set = shingles(random, shingles); sets.fits(set); set = shingles(random, shingles)) {
            sets.add(added++, set);
            assertThat(ints(sets)).isLessThanOrEqualTo(SimilarSets.ROOM + (added == 1 ? shingles : 0));
        }

        assertThat(added).isGreaterThanOrEqualTo(Math.min(least, SimilarSets.ROOM / shingles));
    }

    private static int[] shingles(Random random, int count) {
        return random.ints(count).sorted().toArray();
    }

    /** All begin alike, so that they are almost similar. Comparing them all would take 20 times the work. */
    @ParameterizedTest
    @CsvSource({"0.8, 380, 0, 95", "0.8, 380, 60, 30"})
    void whatAllHaveInCommonCostsNothingForEachOther(double similarity, int common, int frequent, int rare) {
        Random random = new Random(1);
        SimilarSets sets = new SimilarSets(similarity);
        List<int[]> all = new ArrayList<>();
        long shingles = 0;
        for (int i = 0; i < 3_000; i++) {
            int[] set = set(random, common, frequent, 0);
            int[] more = random.ints(rare).distinct().sorted().toArray();
            all.add(Arrays.stream(new int[][] {set, more})
                    .flatMapToInt(Arrays::stream)
                    .distinct()
                    .sorted()
                    .toArray());
            shingles += all.get(i).length;
        }
        all.subList(0, 200).forEach(sets::sample);

        for (int i = 0; i < all.size(); i++) {
            if (sets.find(all.get(i)) == SimilarSets.NONE) {
                sets.add(i, all.get(i));
            }
        }

        assertThat(sets.takeWork()).isLessThan(shingles * all.size() / 20);
    }
}
