# Benchmarks on real data: each target runs the pipeline under artifacts/bench-*/, once per seed, puts
# its figures into tests/bench/results.csv and says whether it reached its targets. README.md here
# describes the protocols.
#
#   make bench-next ML_1M=folder                        one of them
#   make bench-next DATASET=ml-20m DATA_DIR=folder      on other data
#   make bench ML_1M=folder ML_LATEST_SMALL=folder      all of them

ML_1M           ?= data/ml-1m
ML_LATEST_SMALL ?= data/ml-latest-small
SEEDS           := 1 2 3
RATING_SEEDS    := 1 2 3 4 5
$(foreach v,ML_1M ML_LATEST_SMALL NCF_FILES,$(if $(call not_plain,$($(v))),$(call refuse,$(v),$($(v)),$(paths))))

bench_dataset   = $(if $(call on_command_line,DATASET),$(DATASET),$(1))
bench_folder    = $(if $(call on_command_line,DATASET),$(DATA_DIR),$(1))
asked_seeds     = $(foreach v,SEEDS RATING_SEEDS,$(if $(call on_command_line,$(v)), $(v)=$(if $(word 2,$($(v))),"$($(v))",$($(v)))))
# $(call bench,NAME,DATASET,FOLDER,SEED_VARIABLE,SEEDS,METRICS): to be followed by make variables
bench = @BUILD=$(BUILD) ARTIFACTS=$(ARTIFACTS) tests/bench/run $(1) $(call bench_dataset,$(2)) \
        '$(call bench_folder,$(3))' $(4) '$(5)' '$(6)' '$(strip make $(1) $(asked_seeds))'

future_targets := last random successive
future_parts   := $(future_targets:%=bench-future-%) $(future_targets:%=bench-future-%-blind) \
                  bench-future-all bench-future-small
benchmarks := bench-ncf bench-ncf-blind bench-next bench-next-blind bench-rating bench-strong \
              bench-strong-default bench-cold bench-new-user bench-small bench-future bench-like
.PHONY: bench $(benchmarks) $(future_parts) bench-ablation results
bench: $(benchmarks) ## run all benchmarks on real data (ML_1M=folder ML_LATEST_SMALL=folder)
$(benchmarks) $(future_parts) bench-ablation: | checked

# What is ranked here is ranked for users with a history: the rating head and the network for newcomers
# are never asked, and left out to save time. The network that ranks is the same to the last bit.
ranking := RANKER_HEADS=rank NCF_HEADS=rank FEATURES_BEGINNINGS=false

# Many published models are not told the moment of the held-out rating: here no model is, the encoder
# among them.
blind  := SPLIT_MOMENT=hidden

bench-ncf: $(PROGRAMS) ## the published NCF files of ML-1M, 99 given negatives
	$(call bench,bench-ncf,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) $(ncf_split)

bench-ncf-blind: $(PROGRAMS) ## the same, blind to the moment of the test
	$(call bench,bench-ncf-blind,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) $(ncf_split) $(blind)

bench-next: $(PROGRAMS) ## each user's last movie against the whole catalogue
	$(call bench,bench-next,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking)

bench-next-blind: $(PROGRAMS) ## the same, blind to the moment of the test
	$(call bench,bench-next-blind,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) $(blind)

# What only ranks is left out, to save time: on role valid the RMSE is 0.8293 without the models of
# group sequence and 0.8294 with them.
bench-rating: $(PROGRAMS) ## stars of a random tenth of the ratings
	$(call bench,bench-rating,ml-1m,$(ML_1M),SEED,$(RATING_SEEDS),rmse mae) \
	    SPLIT_PROTOCOL=random:0.1 NCF=none FEATURES_UNIFORM=1 FEATURES_VALID_NEGATIVES=1 RANKER_HEADS=rating \
	    SEQUENCE=none FACTORIZE_TRANSITION=false

bench-strong: $(PROGRAMS) ## users never seen, a fifth of their liked movies from the other four
	$(call bench,bench-strong,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),recall@20 recall@50 recall-liang@20 recall-liang@50 ndcg@100) \
	    $(ranking) SPLIT_PROTOCOL=strong SPLIT_NEGATIVES=0 NCF=none FACTORIZE_EASE_LAMBDA=700 \
	    FACTORIZE_KEEP=4000 FACTORIZE_WINDOW=true FACTORIZE_EASE_DROPOUT=true

# The same with every parameter at its default: what the settings above are worth.
bench-strong-default: $(PROGRAMS) ## bench-strong without parameters of its own
	$(call bench,$@,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),recall@20 recall@50 recall-liang@20 recall-liang@50 ndcg@100) \
	    $(ranking) SPLIT_PROTOCOL=strong SPLIT_NEGATIVES=0 NCF=none

# Time to Split (Gusak et al., RecSys 2025): everything fitted once, at the 0.9 quantile of time, and asked
# by five rules. One run folder for each, with and without the moment; of target all every list is blind.
future := INGEST_MIN_CORE=5 SPLIT_PROTOCOL=temporal:0.1 SPLIT_NEGATIVES=0
$(future_targets:%=bench-future-%): bench-future-%: $(PROGRAMS)
	$(call bench,$@,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) $(future) SPLIT_TARGET=$*
$(future_targets:%=bench-future-%-blind): bench-future-%-blind: $(PROGRAMS)
	$(call bench,$@,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) $(future) SPLIT_TARGET=$* $(blind)
bench-future-all: $(PROGRAMS)
	$(call bench,$@,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) $(future)
bench-future-small: $(PROGRAMS)
	$(call bench,$@-all,ml-latest-small,$(ML_LATEST_SMALL),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) \
	    SPLIT_PROTOCOL=temporal:0.2
	$(call bench,$@-successive,ml-latest-small,$(ML_LATEST_SMALL),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking) \
	    SPLIT_PROTOCOL=temporal:0.2 SPLIT_TARGET=successive
bench-future: $(future_parts) ## the future, of which the models know nothing, by every target rule (hours)

bench-small: $(PROGRAMS) ## ML-latest-small, each user's last movie
	$(call bench,bench-small,ml-latest-small,$(ML_LATEST_SMALL),TRAIN_SEED,$(SEEDS),hr@10 ndcg@10) $(ranking)

# Only movies without ratings are ranked: the encoder has nothing to say of them.
bench-cold: $(PROGRAMS) ## a fifth of the movies, ranked by content alone; ML-1M and ML-latest-small
	$(call bench,bench-cold,ml-1m,$(ML_1M),TRAIN_SEED,$(SEEDS),auc ndcg@10) \
	    $(ranking) SPLIT_PROTOCOL=movies:0.2 NCF=none SEQUENCE=none
	$(call bench,bench-cold,ml-latest-small,$(ML_LATEST_SMALL),TRAIN_SEED,$(SEEDS),auc ndcg@10) \
	    $(ranking) SPLIT_PROTOCOL=movies:0.2 NCF=none SEQUENCE=none

bench-new-user: $(PROGRAMS) ## 500 users of whom 0 to 20 ratings are known; nothing is trained again
	@BUILD=$(BUILD) ARTIFACTS=$(ARTIFACTS) tests/bench/newcomers $(call bench_dataset,ml-1m) \
	    '$(call bench_folder,$(ML_1M))' '$(SEEDS)' '$(strip make $@ $(asked_seeds))'

like = @BUILD=$(BUILD) ARTIFACTS=$(ARTIFACTS) tests/bench/like $(call bench_dataset,$(1)) \
       '$(call bench_folder,$(2))' '$(SEEDS)' '$(strip make bench-like $(asked_seeds))'
bench-like: $(PROGRAMS) ## lists for like beside lists for next, on liked movies; ML-1M and ML-latest-small
	$(call like,ml-1m,$(ML_1M))
	$(call like,ml-latest-small,$(ML_LATEST_SMALL))

# A quarter of the rows of ML-1M is enough to compare by. ABLATE="group:time ease" for some rows.
ABLATE :=
ablate = $(MAKE) --no-print-directory $(ARTIFACTS)/$@-$(1)/features.art RUN=$@-$(1) DATASET=$(1) \
    DATA_DIR='$(2)' $(3) && BUILD=$(BUILD) tests/bench/ablate $(1) $(ARTIFACTS)/$@-$(1)/features.art $(4) '$(ABLATE)'
bench-ablation: $(PROGRAMS) ## the ranker without each group and model in turn, on role valid
	@[ -d '$(ML_1M)' ] || { echo 'make $@: $(ML_1M): no such folder' >&2; exit 2; }
	@[ -d '$(ML_LATEST_SMALL)' ] || { echo 'make $@: $(ML_LATEST_SMALL): no such folder' >&2; exit 2; }
	$(call ablate,ml-1m,$(ML_1M),FEATURES_BEGINNINGS=false FEATURES_MAX_ROWS=1500000,'1 2')
	$(call ablate,ml-latest-small,$(ML_LATEST_SMALL),FEATURES_BEGINNINGS=false SIMILARITY_SENTIMENT_FEATURES=true,'1 2 3')

# ---- what holds whatever the data are ----
# A single network and nothing but what ranks, to save time.
KINDS     := dense sparse no-time shuffled-time no-content two-genres implicit noise
PROTOCOLS := leave-one-out random:0.2 temporal:0.2
.PHONY: never-worse shuffle-test
never-worse: $(PROGRAMS) | checked ## the ranker beside its best component on made-up data of all kinds (KINDS="noise" for some)
	@BUILD=$(BUILD) ARTIFACTS=$(ARTIFACTS) tests/bench/never-worse '$(KINDS)' '$(PROTOCOLS)' \
	    $(ranking) RANKER_ENSEMBLE=1

# Also of real data: make shuffle-test DATASET=ml-latest-small
shuffle-test: $(PROGRAMS) | checked ## how much of the result of RUN the order within users carries
	@BUILD=$(BUILD) ARTIFACTS=$(ARTIFACTS) tests/bench/shuffle-test $(RUN)

results: ## write README's tables anew from tests/bench/results.csv and speed.csv
	@tests/bench/results README.md

# ---- speed ----
# The table of speed/targets.csv on data of the shape of ML-20M, made up here.
SPEED_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/speed/*.c))
$(SPEED_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $$(call test_objects,$$*.c) $(LIBRARY)
	@$(call say,link,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS)

.PHONY: check-bytes
check-bytes: $(PROGRAMS) ## the same bytes at one and two threads, at a million ratings
	BUILD=$(BUILD) SHAPE='6040 3700 1000209' bash tests/pipeline/determinism.test.sh RANKER_EPOCHS=1 \
	    RANKER_RATING_EPOCHS=1 NCF_EPOCHS=1 NCF_RATING_EPOCHS=1 SEQUENCE_EPOCHS=1 FEATURES_MAX_ROWS=400000

ROWS :=
.PHONY: bench-speed
bench-speed: $(PROGRAMS) $(SPEED_PROGRAMS) ## speed beside other programs (ROWS="ingest ials-64" for some rows)
	@BUILD=$(BUILD) ARTIFACTS=$(ARTIFACTS) tests/bench/speed/run $(ROWS)
