# The graph of the data: each artifact is made from artifacts, parameters and code.
#
#   make pipeline [DATASET=name] [DATA_DIR=folder] [RUN=name] [SEED=1] [THREADS=auto] [STAGE_PARAM=value]
#
# RANKER_EPOCHS=5, on the command line or in the environment, becomes --epochs=5 of the ranker;
# `build/ranker --help` lists a stage's parameters.
#
# Beside each artifact X.art in artifacts/$(RUN)/ there are three small files. X.params holds the
# command-line parameters it was made with; other ones make it stale. .state/X.done tells by its time
# when the stage last ran. .state/X.id holds the hash of the artifact's bytes and is rewritten only
# when they change: what follows depends on it, and so does not run when a stage ran again but came
# out the same. Programs count likewise, through $(BUILD)/X.code.

DATASET   ?= sample
DATA_DIR  ?= data/$(DATASET)
RUN       ?= $(DATASET)
SEED      ?= 1
# Of what is trained by gradient descent, and so depends on it most.
TRAIN_SEED ?= $(SEED)
THREADS   ?= auto
ARTIFACTS ?= artifacts
# make pipeline MPIRUN="mpirun -n 4": factorize as that many processes.
MPIRUN    ?=

run   := $(ARTIFACTS)/$(RUN)
state := $(run)/.state
quote  = '$(subst ','\'',$(1))'

# ---- parameters from make variables ----
prefixes := GENERATE INGEST SPLIT SIMILARITY FACTORIZE SEQUENCE FEATURES RANKER NCF EVALUATE RECOMMEND SERVE
given    := $(filter-out NCF_DIR SERVE_LIBS,$(foreach p,$(prefixes),$(filter $(p)_%,$(.VARIABLES))))
given    := $(sort $(foreach v,$(given),$(if $(filter default automatic,$(origin $(v))),,$(v))))
# Pairs such as RANKER_BATCH_SIZE:batch-size
pairs    := $(if $(given),$(shell printf '%s\n' $(given) | \
              awk '{ o = $$0; sub(/^[A-Z]*_/, "", o); gsub(/_/, "-", o); print $$0 ":" tolower(o) }'))
variable  = $(firstword $(subst :, ,$(1)))
option    = $(lastword $(subst :, ,$(1)))
# $(call parameters,RANKER) is --epochs='5' ...; $(call named_files,SPLIT) are the files that
# parameters such as SPLIT_TEST_FILE name: they count as inputs.
parameters  = $(strip $(foreach p,$(filter $(1)_%,$(pairs)),--$(call option,$(p))=$(call quote,$($(call variable,$(p))))))
named_files = $(foreach p,$(filter $(1)_%,$(pairs)),$(if $(filter %-file,$(call option,$(p))),$($(call variable,$(p)))))

# ---- the graph ----
# Per artifact: the stage that makes it, where its parameters come from, its inputs as
# role=artifact, and fixed arguments.
jobs := dataset split similarity.fit similarity.full similarity.all factors.fit factors.full \
        factors.all sequence.fit sequence.full sequence.all features ranker ncf metrics

dataset.stage    := ingest
dataset.prefix   := INGEST
# What the service was told, once `make ingest-feedback` has written it.
feedback       = $(ARTIFACTS)/$(RUN).feedback
feedback_files = $(wildcard $(feedback)/feedback.csv $(feedback)/forgotten.csv)
dataset.args   = --data=$(call quote,$(DATA_DIR)) \
    $(foreach f,$(feedback_files),--$(basename $(notdir $(f)))=$(f))

split.stage      := split
split.prefix     := SPLIT
split.inputs     := dataset=dataset

similarity.stage  := similarity
similarity.prefix := SIMILARITY
factors.stage     := factorize
factors.prefix    := FACTORIZE
sequence.stage    := sequence
sequence.prefix   := SEQUENCE
# What is fitted on every rating does not depend on the split.
view_inputs.fit  := dataset=dataset split=split
view_inputs.full := dataset=dataset split=split
view_inputs.all  := dataset=dataset

define view_job
$(1).$(2).stage  := $($(1).stage)
$(1).$(2).prefix := $($(1).prefix)
$(1).$(2).inputs := $(view_inputs.$(2))
$(1).$(2).args   := --view=$(2)
endef
$(foreach m,similarity factors sequence,$(foreach v,fit full all,$(eval $(call view_job,$(m),$(v)))))

# SEQUENCE=none: without the encoder, which rating prediction gains nothing from.
SEQUENCE ?=
encoder   = $(if $(filter none,$(SEQUENCE)),,sequence=sequence.$(1))

features.stage   := features
features.prefix  := FEATURES
features.inputs  := dataset=dataset split=split similarity=similarity.fit factors=factors.fit \
                    $(call encoder,fit)

ranker.stage     := ranker
ranker.prefix    := RANKER
ranker.inputs    := features=features

# NCF=none: without it in the metrics, where it has nothing to say (users it was not trained on).
NCF ?=
ncf.stage        := ncf
ncf.prefix       := NCF
ncf.inputs       := dataset=dataset split=split
ncf.args         := --view=full

metrics.stage    := evaluate
metrics.prefix   := EVALUATE
metrics.inputs   := dataset=dataset split=split similarity=similarity.full factors=factors.full \
                    $(call encoder,full) ranker=ranker $(if $(filter none,$(NCF)),,ncf=ncf)
metrics.args     := --dataset-name=$(call quote,$(DATASET))
metrics.output   := metrics.json

# $(call output,features) is artifacts/<run>/features.art
output = $(run)/$(or $($(1).output),$(1).art)
# $(call needs,features) are the artifacts that it is made from
needs  = $(foreach i,$($(1).inputs),$(lastword $(subst =, ,$(i))))
roles  = $(foreach i,$($(1).inputs),--$(firstword $(subst =, ,$(i)))=$(call output,$(lastword $(subst =, ,$(i)))))
trained := features ranker metrics
seed    = $(if $(filter $(1),$(trained)),$(TRAIN_SEED),$(SEED))
params = $(strip --seed=$(call seed,$(1)) $($(1).args) $(call parameters,$($(1).prefix)))
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
        $(if $(call same,$(sample_params),$(file <data/sample/.params)),,FORCE)
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
asked_for      = $(if $(filter $($(1).stage),$(MAKECMDGOALS)),$(if $(filter-out ncf,$(1)),asked))
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
        | $(if $(call distributed,$($(1).stage)),mpi)
	@mkdir -p $(state)
	$(call launch,$($(1).stage)) $(call roles,$(1)) $(call params,$(1)) --output=$(call output,$(1)) \
	    --threads=$(THREADS) --log-dir=$(run)/logs $($(1).quietly)
	@printf '%s\n' $(call quote,$(call record,$(1))) >$(run)/$(1).params
	@$(hash) <$(call output,$(1)) | $(call keep,$(state)/$(1).id)
	@touch $$@
endef
metrics.quietly := --users=$(run)/users.csv >/dev/null
$(foreach job,$(jobs),$(eval $(call job_rule,$(job))))

# ---- targets ----
.PHONY: pipeline
pipeline: $(PROGRAMS) $(foreach job,$(jobs),$(call output,$(job))) ## bring artifacts/$(RUN)/ up to date and print the results
	@$(call write_timings)
	$(if $(filter none,$(REPORT)),,@[ ! -f $(call output,dataset) ] || $(MAKE) --no-print-directory report)
	@$(BUILD)/evaluate --print $(run)/metrics.json

# Wall seconds per stage, out of the stages' own logs.
write_timings = { printf '{\n  "timings_s": {'; comma=; for log in $(run)/logs/*.json; do \
    [ -f "$$log" ] || continue; name=$${log\#\#*/}; \
    printf '%s\n    "%s": %s' "$$comma" "$${name%.json}" \
      "$$(sed -n 's/.*"wall_s": *\([0-9.eE+-]*\).*/\1/p' "$$log")"; comma=,; \
    done; printf '\n  }\n}\n'; } >$(run)/timings.json

stage_targets := ingest split similarity factorize sequence features ranker evaluate
.PHONY: $(stage_targets)
ingest:     $(call output,dataset)   ## re-run this stage (and so for the others), with what it needs
split:      $(call output,split)
similarity: $(foreach v,fit full all,$(call output,similarity.$(v)))
factorize:  $(foreach v,fit full all,$(call output,factors.$(v)))
sequence:   $(foreach v,fit full all,$(call output,sequence.$(v)))
features:   $(call output,features)
ranker:     $(call output,ranker)
evaluate:   $(call output,metrics)
	@$(BUILD)/evaluate --print $(run)/metrics.json

# ---- the report ----
# Of what is there, whatever parameters it was made with: what the runs' folders hold are no
# prerequisites, or they would be made again; .data lists them and is as old as what was read. Per
# plot: `report` writes NAME.dat, gnuplot makes NAME.svg of it with plots/NAME.gp, and the page is put
# together from the pictures; so a plot can be restyled and made again alone:
#   make artifacts/sample/report/map.svg
# REPORT=none: without it in the pipeline.
REPORT     ?=
GNUPLOT    ?= gnuplot
plot_style := stages/report/plots/style.gp
plot_names := $(basename $(notdir $(filter-out $(plot_style),$(wildcard stages/report/plots/*.gp))))

reported   = $(sort $(wildcard $(foreach r,$(1),$(addprefix $(r)/,*.art metrics.json users.csv logs/*.json))))
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
    $(if $(call missing,$(call output,dataset)),$(foreach job,$(jobs),$(call output,$(job))))))

.PHONY: report compare
report: $(run)/report.html ## write artifacts/$(RUN)/report.html, of what is there

# make compare RUNS="a b c"
RUNS ?=
space := $(subst ,, )
compared := $(ARTIFACTS)/compare/$(subst $(space),+,$(strip $(RUNS)))
ifneq ($(strip $(RUNS)),)
$(eval $(call report_rules,$(compared).html,$(compared),$(addprefix $(ARTIFACTS)/,$(RUNS)),))
endif
compare: $(if $(strip $(RUNS)),$(compared).html) ## several runs side by side: make compare RUNS="a b c"
	@test -n '$(strip $(RUNS))' || { echo 'make compare: RUNS="a b c" is needed' >&2; exit 2; }

# The published NCF files (He et al. 2017) as test pairs and candidates of the split.
NCF_DIR ?=
ncf_given := $(ARTIFACTS)/ncf/given
ncf_dataset = $(if $(findstring command,$(origin DATASET)),$(DATASET),ml-1m)
.PHONY: ncf
ncf: ## run on the published NCF files: make ncf NCF_DIR=folder DATA_DIR=folder
	@test -n '$(NCF_DIR)' || { echo 'make ncf: NCF_DIR=folder is needed' >&2; exit 2; }
	@mkdir -p $(ncf_given)
	data/ncf-to-given $(NCF_DIR) $(DATA_DIR) $(ncf_given)
	@$(MAKE) --no-print-directory pipeline RUN=ncf DATASET=$(ncf_dataset) \
	    INGEST_TIES=random SPLIT_PROTOCOL=given \
	    SPLIT_TEST_FILE=$(ncf_given)/test.csv SPLIT_CANDIDATES_FILE=$(ncf_given)/candidates.csv

USER_ID = $(if $(findstring command,$(origin USER)),$(USER))
recommend_from := $(foreach job,dataset similarity.all factors.all $(lastword $(subst =, ,$(call encoder,all))) ranker,$(call output,$(job)))
.PHONY: recommend
# What is there is used as it is, whatever parameters it was made with.
recommend: $(call missing,$(recommend_from)) $(BUILD)/recommend ## recommend to one user: make recommend USER=42 [ARGS=...]
	@$(BUILD)/recommend --dataset=$(call output,dataset) --similarity=$(call output,similarity.all) \
	    --factors=$(call output,factors.all) $(if $(call encoder,all),--sequence=$(call output,sequence.all)) \
	    --ranker=$(call output,ranker) \
	    $(addprefix --user=,$(USER_ID)) $(call parameters,RECOMMEND) $(ARGS)

# The live service. Its database stands beside the run's folder: clean-run leaves it alone.
PORT ?= 8080
.PHONY: serve ingest-feedback
serve: $(call missing,$(recommend_from)) $(BUILD)/serve ## serve recommendations and the web page: make serve [PORT=8080]
	@$(BUILD)/serve --run=$(run) --port=$(PORT) $(call parameters,SERVE) $(ARGS)

ingest-feedback: $(BUILD)/serve ## write what the service was told as ratings that the next pipeline trains on
	@$(BUILD)/serve --run=$(run) $(call parameters,SERVE) --export=$(feedback)

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
status: $(patsubst %,$(BUILD)/%.code,$(sort $(foreach job,$(jobs),$($(job).stage)))) ## say which artifacts of the run are stale, and why
	@mkdir -p $(state); : >$(state)/.stale
	$(foreach job,$(jobs),$(call status_job,$(job)))
	@rm -f $(state)/.stale

.PHONY: graph
graph: ## print the graph of artifacts in DOT
	@echo 'digraph marquee {'
	@echo '  rankdir=LR; node [shape=box];'
	@$(foreach job,$(jobs),printf '  "%s" [label="%s\\n%s"];\n' $(job) $(notdir $(call output,$(job))) $($(job).stage);)
	@echo '  "source files" -> "dataset";'
	@$(foreach job,$(jobs),$(foreach n,$(call needs,$(job)),echo '  "$(n)" -> "$(job)";';))
	@echo '}'

.PHONY: clean-run
clean-run: ## remove artifacts/$(RUN)/
	rm -rf $(run)
