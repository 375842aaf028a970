# make certify RUN=name: that nothing of what was held out reached a model (README.md here).

CERTIFY_SEED := 1
HELD_OUT     := $(BUILD)/tests/certify/held_out
$(HELD_OUT): $(BUILD)/tests/certify/held_out.o $(LIBRARY)
	@$(call say,link,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS)

.PHONY: certify
certify: $(PROGRAMS) $(HELD_OUT) | checked ## prove that no held-out rating reached a model: certificate.json
	@BUILD=$(BUILD) tests/certify/certify $(run) $(CERTIFY_SEED)
