# The graph of the data: each artifact is made from artifacts, parameters and code.
#
#   make pipeline [DATASET=name] [DATA_DIR=folder] [RUN=name] [SEED=1] [THREADS=auto] [STAGE_PARAM=value]
#
# RANKER_EPOCHS=5 on the command line becomes --epochs=5 of the ranker; `build/ranker --help` lists a
# stage's parameters. What changes a result comes from the command line alone, never from the
# environment, and is checked before anything runs.
#
# Beside each artifact X.art in artifacts/$(RUN)/ there are three small files. X.params holds the
# command-line parameters it was made with; other ones make it stale. .state/X.done tells by its time
# when the stage last ran. .state/X.id holds the hash of the artifact's bytes and is rewritten only
# when they change: what follows depends on it, and so does not run when a stage ran again but came
# out the same. Programs count likewise, through $(BUILD)/X.code.

# ---- what is asked for, on the command line ----
DATASET    := sample
DATA_DIR   := data/$(DATASET)
RUN        := $(DATASET)
SEED       := 1
# Of what is trained by gradient descent, and so depends on it most.
TRAIN_SEED := $(SEED)
# SEQUENCE=none: without the encoder, which rating prediction gains nothing from.
SEQUENCE   :=
# NCF=none: without it in the metrics, where it has nothing to say (users it was not trained on).
NCF        :=
# The runs that `make compare` sets side by side.
RUNS       :=

# ---- how and where it is done ----
THREADS   ?= auto
ARTIFACTS ?= artifacts
# REPORT=none: pipeline without the report.
REPORT    ?=
# make pipeline MPIRUN="mpirun -n 4": factorize as that many processes.
MPIRUN    ?=

run   := $(ARTIFACTS)/$(RUN)
state := $(run)/.state
quote  = '$(subst ','\'',$(1))'
on_command_line = $(findstring command,$(origin $(1)))
$(foreach v,DATASET RUN,$(if $(call not_name,$(value $(v))),$(call refuse,$(v),$(value $(v)),$(names))))
$(foreach v,$(RUNS),$(if $(call not_name,$(v)),$(call refuse,RUNS,$(RUNS),$(names))))
$(foreach v,ARTIFACTS DATA_DIR,$(if $(call not_plain,$(value $(v))),$(call refuse,$(v),$(value $(v)),$(paths))))
$(foreach v,SEQUENCE NCF REPORT,$(if $(filter-out none,$($(v))),$(call refuse,$(v),$($(v)),none is the only value)))

# ---- the graph: a row per artifact ----
# $(call artifact,NAME,PROGRAM,PREFIX,INPUTS,ARGUMENTS,SEED): the program that makes it, the prefix of its
# parameters' variables, what it is made from (ROLE=ARTIFACT, or one word for both), fixed arguments, and
# the variable with its seed unless that is SEED. Targets, the check of parameters, status and graph
# follow from the rows; a row that is switched off is nobody's input, and is made only where it is asked
# for by its name.
off         := $(if $(filter none,$(SEQUENCE)),sequence.%) $(if $(filter none,$(NCF)),ncf)
switched_on  = $(foreach i,$(1),$(if $(filter $(off),$(lastword $(subst =, ,$(i)))),,$(i)))
define row
jobs          += $(1)
prefixes      += $(3)
$(1).stage    := $(2)
$(1).prefix   := $(3)
$(1).inputs   := $(call switched_on,$(4))
$(1).args     := $(5)
$(1).seed     := $(or $(6),SEED)
program.$(3)  := $(2)
endef
artifact = $(eval $(call row,$(1),$(2),$(3),$(4),$(5),$(6)))
# NAME.fit, NAME.full and NAME.all. What is fitted on every rating does not depend on the split.
models = $(foreach view,fit full all,$(call artifact,$(1).$(view),$(2),$(3),$\
           $(if $(filter all,$(view)),$(filter-out split,$(4)),$(4)),--view=$(view)))

# What the service was told, once `make ingest-feedback` has written it, or as `make ingest-feedback
# pipeline` is about to.
feedback        := $(ARTIFACTS)/$(RUN).feedback
told            := $(feedback)/feedback.csv $(feedback)/forgotten.csv
feedback_files  := $(if $(filter ingest-feedback,$(MAKECMDGOALS)),$(told),$(wildcard $(told)))

$(call artifact,dataset,ingest,INGEST,,--data=$(call quote,$(DATA_DIR)) \
    $(foreach f,$(feedback_files),--$(basename $(notdir $(f)))=$(f)))
$(call artifact,split,split,SPLIT,dataset)
$(call models,similarity,similarity,SIMILARITY,dataset split)
$(call models,factors,factorize,FACTORIZE,dataset split)
$(call models,sequence,sequence,SEQUENCE,dataset split)
$(call artifact,features,features,FEATURES,dataset split similarity=similarity.fit factors=factors.fit \
    sequence=sequence.fit,,TRAIN_SEED)
$(call artifact,ranker,ranker,RANKER,features,,TRAIN_SEED)
$(call artifact,ncf,ncf,NCF,dataset split,--view=full)
$(call artifact,metrics,evaluate,EVALUATE,dataset split similarity=similarity.full factors=factors.full \
    sequence=sequence.full ranker ncf,--dataset-name=$(call quote,$(DATASET)),TRAIN_SEED)
metrics.output   := metrics.json
metrics.quietly  := --users=$(run)/users.csv >/dev/null
# What recommendations are made from: not itself an artifact, but its inputs are told likewise.
recommend.inputs := $(call switched_on,dataset similarity=similarity.all factors=factors.all \
                      sequence=sequence.all ranker)
wanted           := $(filter-out $(off),$(jobs))
# What `make STAGE` runs: `make ncf` is a benchmark.
named            := $(filter-out ncf,$(jobs))
stage_targets    := $(sort $(foreach job,$(named),$($(job).stage)))

# ---- parameters from make variables ----
program.GENERATE  := generate
program.RECOMMEND := recommend
program.SERVE     := serve
prefixes := $(sort $(prefixes) GENERATE RECOMMEND SERVE)

# Every variable on the command line is one that a makefile assigns, in capitals, or a parameter.
makefiles := Makefile pipeline.mk $(wildcard tests/*/*.mk)
commanded := $(strip $(foreach v,$(.VARIABLES),$(if $(call on_command_line,$(v)),$(v))))
variables := $(if $(commanded),SHELL $(sort $(shell sed -n 's/^\([A-Z][A-Z0-9_]*\) *[?:+]*=.*/\1/p' $(makefiles))))
given     := $(sort $(filter-out $(variables),$(commanded)))
unknown   := $(foreach v,$(given),$(if $(call not_name,$(v))$(filter-out $(prefixes:%=%_%),$(v)),$(v)))

# Shell text: the line of standard input that is nearest to a word by Levenshtein's distance, if at most
# a third of the word differs.
define nearest
awk -v word=$(1) 'BEGIN { n = length(word); word = toupper(word) } \
    { m = length($$0); for (j = 0; j <= m; j++) above[j] = j; \
      for (i = 1; i <= n; i++) { \
          corner = above[0]; above[0] = i; \
          for (j = 1; j <= m; j++) { \
              d = corner + (substr(word, i, 1) != toupper(substr($$0, j, 1))); corner = above[j]; \
              if (d > corner + 1) d = corner + 1; \
              if (d > above[j - 1] + 1) d = above[j - 1] + 1; \
              above[j] = d; } } \
      if (NR == 1 || above[m] < best) { best = above[m]; found = toupper($$0) } } \
    END { if (3 * best <= n) print found }'
endef
# RANKR_LAYERS may have been RANKER_LAYERS as well as any variable.
behind  = $(if $(findstring _,$(1)),$(subst $(space),_,$(wordlist 2,99,$(subst _, ,$(1)))))
known   = $(variables) $(if $(call behind,$(1)),$(prefixes:%=%_$(call behind,$(1))))
meant   = $(if $(call not_name,$(1)),,$(shell printf '%s\n' $(known) | $(nearest)))
suggest = $(if $(1),; did you mean $(1)?)
$(foreach v,$(unknown),$(error $\
    $(v) is neither a variable of the Makefile nor a parameter of a stage$(call suggest,$(call meant,$(v)))))

# Pairs such as RANKER_BATCH_SIZE:batch-size
pairs    := $(if $(given),$(shell printf '%s\n' $(given) | \
              awk '{ o = $$0; sub(/^[A-Z]*_/, "", o); gsub(/_/, "-", o); print $$0 ":" tolower(o) }'))
variable  = $(firstword $(subst :, ,$(1)))
option    = $(lastword $(subst :, ,$(1)))
# $(call parameters,RANKER) is --epochs='5' ...; $(call named_files,SPLIT) are the files that
# parameters such as SPLIT_TEST_FILE name: they count as inputs.
parameters  = $(strip $(foreach p,$(filter $(1)_%,$(pairs)),--$(call option,$(p))=$(call quote,$($(call variable,$(p))))))
named_files = $(foreach p,$(filter $(1)_%,$(pairs)),$(if $(filter %-file,$(call option,$(p))),$(filter-out none,$($(call variable,$(p))))))

# The programs' own tables say whether they would take the parameters. Every job waits for this; it is
# done under -n as well, by programs that are built. (Asked for its version, a program reads its options.)
takers  := $(foreach p,$(prefixes),$(if $(filter $(p)_%,$(pairs)),$(p)))
numbers := $(foreach v,SEED TRAIN_SEED THREADS,$(if $(call on_command_line,$(v)),$(v)))
# $(call ask,program,arguments,variables that they come from)
define ask
	+@[ ! -x $(1) ] || $(1) $(2) >/dev/null || { echo 'make: not accepted: $(3)' >&2; exit 2; }

endef
taker_check  = $(call ask,$(BUILD)/$(program.$(1)),--check $(call parameters,$(1)),$(filter $(1)_%,$(given)))
number_check = $(call ask,$(BUILD)/ingest,--version $(foreach v,$(numbers),--$(call flag,$(v))=$(call quote,$($(v)))),$(numbers))
flag         = $(if $(filter THREADS,$(1)),threads,seed)
port         = $(if $(call on_command_line,PORT),PORT)
port_check   = $(call ask,$(BUILD)/serve,--check --port=$(call quote,$(PORT)),PORT)
.PHONY: checked
checked: $(foreach p,$(takers),$(BUILD)/$(program.$(p)) $(call named_files,$(p))) \
        $(if $(numbers),$(BUILD)/ingest) $(if $(port),$(BUILD)/serve)
	$(foreach p,$(takers),$(call taker_check,$(p)))
	$(if $(numbers),$(call number_check))
	$(if $(port),$(call port_check))

# $(call output,features) is artifacts/<run>/features.art
output = $(run)/$(or $($(1).output),$(1).art)
# $(call needs,features) are the artifacts that it is made from
needs  = $(foreach i,$($(1).inputs),$(lastword $(subst =, ,$(i))))
roles  = $(foreach i,$($(1).inputs),--$(firstword $(subst =, ,$(i)))=$(call output,$(lastword $(subst =, ,$(i)))))
params = $(strip --seed=$($($(1).seed)) $($(1).args) $(call parameters,$($(1).prefix)))
# What X.params holds: of source files the names too, so that one that vanishes is a change.
record = $(strip $(params) $(sort $($(1).files)))

# ---- source files ----
is_sample    := $(if $(filter sample:data/sample,$(DATASET):$(DATA_DIR)),yes)
sample_files := $(addprefix data/sample/,ratings.csv movies.csv tags.csv links.csv)
source_names := ratings.csv movies.csv tags.csv reviews.csv links.csv genome-scores.csv genome-tags.csv \
                users.csv ratings.dat movies.dat users.dat tags.dat u.data u.item u.user u.genre \
                u.occupation
source_files := $(wildcard $(addprefix $(DATA_DIR)/,$(source_names)))
dataset.files  = $(if $(is_sample),$(sample_files),$(source_files)) $(feedback_files)
split.files   := $(call named_files,SPLIT)

.PHONY: FORCE
FORCE:

same    = $(if $(subst x$(1)x,,x$(2)x)$(subst x$(2)x,,x$(1)x),,yes)
missing = $(filter-out $(wildcard $(1)),$(1))

# The recipe of files that another rule has written if they changed. Marked +, so that under -n as
# well make looks at their times rather than believe them changed: `make -n` shows what runs for
# certain, and what follows from that only if it comes out differently.
look_again = +@

ifneq ($(is_sample),)
sample_params := $(call parameters,GENERATE)
data/sample/.done: $(BUILD)/generate.code $(if $(call missing,$(sample_files)),FORCE) \
        $(if $(call same,$(sample_params),$(file <data/sample/.params)),,FORCE) | checked
	$(BUILD)/generate --output=data/sample $(sample_params)
	@printf '%s\n' $(call quote,$(sample_params)) >data/sample/.params
	@touch $@
$(sample_files): data/sample/.done ; $(look_again)
endif

# ---- the rules ----
hash = { sha256sum 2>/dev/null || shasum -a 256; }
# Shell text: stores standard input in a file unless that is what it holds.
keep = { cat >$(1).new; if cmp -s $(1).new $(1); then rm $(1).new; else mv $(1).new $(1); fi; }

# The code of a program: its bytes without debugging information, which a comment can change, and
# without the linker's hash of it.
$(BUILD)/%.code: $(BUILD)/%.code.done ; $(look_again)
$(BUILD)/%.code.done: $(BUILD)/%
	@strip -R .note.gnu.build-id -o $@.stripped $<
	@$(hash) <$@.stripped | $(call keep,$(BUILD)/$*.code)
	@rm -f $@.stripped
	@touch $@

# Why a job must run, as far as it can be told without looking at the times of files.
changed_params = $(if $(call same,$(call record,$(1)),$(file <$(run)/$(1).params)),,parameters)
asked_for      = $(if $(filter $(named),$(1)),$(if $(filter $($(1).stage),$(MAKECMDGOALS)),asked))
reason         = $(strip $(if $(call missing,$(call output,$(1)) $(state)/$(1).id),missing,\
                   $(call changed_params,$(1))) $(call asked_for,$(1)))

# What runs a stage: factorize with MPIRUN is another program, built by another make.
distributed = $(if $(MPIRUN),$(filter factorize,$(1)))
launch      = $(if $(call distributed,$(1)),$(MPIRUN) $(BUILD)/mpi/factorize,$(BUILD)/$(1))
.PHONY: mpi
mpi: ; @+$(MAKE) --no-print-directory MPI=1 MPIRUN= BUILD=$(BUILD)/mpi all

define job_rule
$(call output,$(1)) $(state)/$(1).id: $(state)/$(1).done ; $(look_again)

$(state)/$(1).done: $(foreach n,$(call needs,$(1)),$(state)/$(n).id) $($(1).files) \
        $(BUILD)/$($(1).stage).code $(if $(call reason,$(1)),FORCE) \
        | checked $(if $(call distributed,$($(1).stage)),mpi)
	@mkdir -p $(state)
	$(call launch,$($(1).stage)) $(call roles,$(1)) $(call params,$(1)) --output=$(call output,$(1)) \
	    --threads=$(THREADS) --log-dir=$(run)/logs $($(1).quietly)
	@printf '%s\n' $(call quote,$(call record,$(1))) >$(run)/$(1).params
	@$(hash) <$(call output,$(1)) | $(call keep,$(state)/$(1).id)
	@touch $$@
endef
$(foreach job,$(jobs),$(eval $(call job_rule,$(job))))

# ---- targets ----
.PHONY: pipeline
pipeline: $(PROGRAMS) $(foreach job,$(wanted),$(call output,$(job))) ## bring artifacts/$(RUN)/ up to date and print the results
	@$(BUILD)/inspect timings $(run) >$(run)/timings.json
	$(if $(filter none,$(REPORT)),,@[ ! -f $(call output,dataset) ] || $(MAKE) --no-print-directory report)
	@$(BUILD)/evaluate --print $(run)/metrics.json

# make ranker: that program again, with what it needs.
define stage_target
.PHONY: $(1)
$(1): $(foreach job,$(named),$(if $(filter $(1),$($(job).stage)),$(call output,$(job))))
endef
$(foreach stage,$(stage_targets),$(eval $(call stage_target,$(stage))))
evaluate:
	@$(BUILD)/evaluate --print $(run)/metrics.json

# ---- the report ----
# Of what is there, whatever parameters it was made with: what the runs' folders hold are no
# prerequisites, or they would be made again; .data lists them and is as old as what was read. Per
# plot: `report` writes NAME.dat, gnuplot makes NAME.svg of it with plots/NAME.gp, and the page is put
# together from the pictures; so a plot can be restyled and made again alone:
#   make artifacts/sample/report/map.svg
GNUPLOT    ?= gnuplot
plot_style := stages/report/plots/style.gp
plot_names := $(basename $(notdir $(filter-out $(plot_style),$(wildcard stages/report/plots/*.gp))))

reported   = $(sort $(wildcard $(foreach r,$(1),$(addprefix $(r)/,*.art metrics.json certificate.json users.csv logs/*.json))))
# $(call read_again,folder of the plots,folders of runs)
read_again = $(if $(call same,$(file <$(1)/.data),$(call reported,$(2))),$(shell \
               find $(call reported,$(2)) -newer $(1)/.data 2>/dev/null),changed)

# $(call report_rules,page,folder of the plots,folders of runs,what must be made before)
define report_rules
$(2)/.data: $(BUILD)/report $(if $(call read_again,$(2),$(3)),FORCE) | $(4)
	@mkdir -p $(2)
	@$(BUILD)/report --quiet --data --plots=$(2) $(3)
	@echo $$(call reported,$(3)) >$$@
$(plot_names:%=$(2)/%.dat) $(2)/palette.gp: $(2)/.data ; $(look_again)

$(plot_names:%=$(2)/%.svg): $(2)/%.svg: $(2)/%.dat $(2)/palette.gp stages/report/plots/%.gp $(plot_style)
	@command -v $(GNUPLOT) >/dev/null || { echo 'make report: gnuplot is needed: package gnuplot-nox' \
	    '(make deps installs it); REPORT=none does without' >&2; exit 1; }
	@if [ -s $$< ]; then cd $(2) && LC_ALL=C.UTF-8 $(GNUPLOT) -e "name='$$*'" $(abspath $(plot_style)) \
	    $$(abspath stages/report/plots/$$*.gp) 2>$$*.log || { cat $$*.log >&2; exit 1; }; \
	    grep -v '^$$$$\|[Ww]arning: empty [xy] range\|no valid points$$$$' $$*.log >&2; rm -f $$*.log; \
	    else : >$$@; fi

$(1): $(2)/.data $(plot_names:%=$(2)/%.svg) $(if $(call missing,$(plot_names:%=$(2)/%.svg)),FORCE)
	@$(BUILD)/report --quiet --plots=$(2) --output=$$@ $(3)
	@touch $$@
	@echo 'report: $(1)'
endef
$(eval $(call report_rules,$(run)/report.html,$(run)/report,$(run),\
    $(if $(call missing,$(call output,dataset)),$(foreach job,$(wanted),$(call output,$(job))))))

.PHONY: report compare
report: $(run)/report.html ## write artifacts/$(RUN)/report.html, of what is there

# make compare RUNS="a b c"
compared := $(ARTIFACTS)/compare/$(subst $(space),+,$(strip $(RUNS)))
ifneq ($(strip $(RUNS)),)
$(eval $(call report_rules,$(compared).html,$(compared),$(addprefix $(ARTIFACTS)/,$(RUNS)),))
endif
compare: $(if $(strip $(RUNS)),$(compared).html) ## several runs side by side: make compare RUNS="a b c"
	@test -n '$(strip $(RUNS))' || { echo 'make compare: RUNS="a b c" is needed' >&2; exit 2; }

# The published NCF files (He et al. 2017) as test pairs and candidates of the split.
NCF_DIR   ?=
NCF_FILES ?= $(or $(NCF_DIR),$(ML_1M)/ncf)
ncf_given   := $(addprefix $(ARTIFACTS)/ncf/given/,test.csv candidates.csv)
ncf_split   := INGEST_TIES=random SPLIT_PROTOCOL=given SPLIT_TEST_FILE=$(word 1,$(ncf_given)) \
               SPLIT_CANDIDATES_FILE=$(word 2,$(ncf_given))
ncf_dataset  = $(if $(call on_command_line,DATASET),$(DATASET),ml-1m)
.PHONY: ncf
ncf: | checked ## run on the published NCF files: make ncf NCF_DIR=folder DATA_DIR=folder
	@test -n '$(NCF_DIR)' || { echo 'make ncf: NCF_DIR=folder is needed' >&2; exit 2; }
	@$(MAKE) --no-print-directory pipeline RUN=ncf DATASET=$(ncf_dataset) $(ncf_split)

ncf_done := $(dir $(firstword $(ncf_given))).done
$(ncf_done): $$(addprefix $$(NCF_FILES)/,ml-1m.test.rating ml-1m.test.negative) \
        $(DATA_DIR)/ratings.dat data/ncf-to-given $(if $(call missing,$(ncf_given)),FORCE)
	data/ncf-to-given '$(NCF_FILES)' $(DATA_DIR) $(@D)
	@touch $@
$(ncf_given): $(ncf_done) ; $(look_again)

# The shell sets USER too.
USER ?=
ARGS ?=
user_id = $(if $(call on_command_line,USER),$(USER))
recommend_from := $(foreach job,$(call needs,recommend),$(call output,$(job)))
.PHONY: recommend
# What is there is used as it is, whatever parameters it was made with.
recommend: $(call missing,$(recommend_from)) $(BUILD)/recommend ## recommend to one user: make recommend USER=42 [ARGS=...]
	@$(BUILD)/recommend $(call roles,recommend) $(addprefix --user=,$(user_id)) $(call parameters,RECOMMEND) $(ARGS)

# Every reason given to everybody, counted again from the CSV files.
.PHONY: audit-reasons
audit-reasons: $(call missing,$(recommend_from)) $(BUILD)/recommend ## check every reason given to everybody of the data set against its CSV files
	@$(BUILD)/recommend --quiet $(call roles,recommend) --all --format=jsonl $(call parameters,RECOMMEND) \
	    --output=$(run)/reasons.jsonl
	@python3 tests/pipeline/audit_reasons.py $(DATA_DIR) <$(run)/reasons.jsonl; status=$$?; \
	    rm $(run)/reasons.jsonl; exit $$status

# The live service. Its database stands beside the run's folder: clean-run leaves it alone.
PORT ?= 8080
.PHONY: serve ingest-feedback
serve: $(call missing,$(recommend_from)) $(BUILD)/serve ## serve recommendations and the web page: make serve [PORT=8080]
	@$(BUILD)/serve --run=$(run) --port=$(PORT) $(call parameters,SERVE) $(ARGS)

ingest-feedback: $(BUILD)/serve ## write what the service was told as ratings that the next pipeline trains on
	@$(BUILD)/serve --run=$(run) $(call parameters,SERVE) --export=$(feedback)
ifneq ($(filter ingest-feedback,$(MAKECMDGOALS)),)
$(told): ingest-feedback ; $(look_again)
endif

FILE ?=
.PHONY: inspect
inspect: $(BUILD)/inspect ## show an artifact: make inspect FILE=artifacts/sample/ranker.art
	@$(BUILD)/inspect show $(FILE)

# ---- what is there, and what is stale ----
status_inputs = $(foreach n,$(call needs,$(1)),$(state)/$(n).id) $($(1).files) \
                $(BUILD)/$($(1).stage).code
define status_job
	@job=$(1); why=$(call quote,$(call reason,$(1))); done=$(state)/$(1).done; \
	case $$why in *parameters*) why=$$(printf 'parameters: were "%s", now "%s"' \
	    "$$(cat $(run)/$(1).params 2>/dev/null)" $(call quote,$(call record,$(1))));; esac; \
	[ -n "$$why" ] || for f in $(call status_inputs,$(1)); do \
	    if [ $$f -nt $$done ]; then why="$${why:+$$why, }$$f changed"; fi; done; \
	after=; for need in $(call needs,$(1)); do \
	    case " $$(cat $(state)/.stale) " in *" $$need "*) after="$$after $$need";; esac; done; \
	if [ -n "$$why" ]; then printf '%-16s stale: %s\n' $$job "$$why"; \
	elif [ -n "$$after" ]; then printf '%-16s may follow:%s\n' $$job "$$after"; \
	else printf '%-16s up to date\n' $$job; fi; \
	if [ -n "$$why$$after" ]; then printf ' %s' $$job >>$(state)/.stale; fi

endef
.PHONY: status
status: checked $(patsubst %,$(BUILD)/%.code,$(sort $(foreach job,$(wanted),$($(job).stage)))) ## say which artifacts of the run are stale, and why
	@mkdir -p $(state); : >$(state)/.stale
	$(foreach job,$(wanted),$(call status_job,$(job)))
	@rm -f $(state)/.stale

.PHONY: graph
graph: ## print the graph of artifacts in DOT
	@echo 'digraph marquee {'
	@echo '  rankdir=LR; node [shape=box];'
	@$(foreach job,$(wanted),printf '  "%s" [label="%s\\n%s"];\n' $(job) $(notdir $(call output,$(job))) $($(job).stage);)
	@echo '  "source files" -> "dataset";'
	@$(foreach job,$(wanted),$(foreach n,$(call needs,$(job)),echo '  "$(n)" -> "$(job)";';))
	@echo '}'

.PHONY: clean-run
clean-run: ## remove artifacts/$(RUN)/
	@[ ! -e $(run) ] || [ -d $(state) ] || \
	    { echo 'make clean-run: $(run) is not the folder of a run, and is left alone' >&2; exit 2; }
	rm -rf $(run)
