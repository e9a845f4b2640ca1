"""The checks: each asks one yes/no question of a case. The table below is the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from osaudit.checks import approval, artefacts, data, eu, licence, openly, probe, training, weights
from osaudit.verdict import Answer

Check: TypeAlias = Callable[..., Answer]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "does-not-apply": licence.does_not_apply,
        "weights-published": weights.weights_published,
        "weights-modifiable": weights.weights_modifiable,
        "weights-load-anywhere": weights.weights_load_anywhere,
        "probe-finds-weights-whole": probe.probe_finds_weights_whole,
        "probe-finds-weights-loadable": probe.probe_finds_weights_loadable,
        "gate-asks-no-contract": weights.gate_asks_no_contract,
        "gate-open-to-all": weights.gate_open_to_all,
        "licence-permits": licence.licence_permits,
        "licence-lets-source-travel": licence.licence_lets_source_travel,
        "licence-names-no-territory": licence.licence_names_no_territory,
        "card-adds-no-terms": licence.card_adds_no_terms,
        "policies-add-no-terms": licence.policies_add_no_terms,
        "bases-seen": licence.bases_seen,
        "training-data-disclosed": data.training_data_disclosed,
        "data-licences-permit": data.data_licences_permit,
        "data-open-to-all": data.data_open_to_all,
        "training-path-published": training.training_path_published,
        "training-code-licence-permits": training.training_code_licence_permits,
        "training-code-open-to-all": training.training_code_open_to_all,
        "training-code-approved": approval.training_code_approved,
        "licence-stated": approval.licence_stated,
        "licence-osi-approved": approval.licence_osi_approved,
        "deployment-code-open": approval.deployment_code_open,
        "architecture-published": artefacts.architecture_published,
        "architecture-told": artefacts.architecture_told,
        "usage-told": artefacts.usage_told,
        "paper-published": artefacts.paper_published,
        "evaluation-reported": artefacts.evaluation_reported,
        "model-card-written": artefacts.model_card_written,
        "data-card-written": artefacts.data_card_written,
        "code-published": artefacts.code_published,
        "training-data-published": artefacts.training_data_published,
        "evaluation-data-published": artefacts.evaluation_data_published,
        "checkpoints-published": artefacts.checkpoints_published,
        "component-openly-licensed": openly.component_openly_licensed,
        "eu-access-open": eu.eu_access_open,
        "eu-licence-limb": eu.eu_licence_limb,
        "eu-not-monetised": eu.eu_not_monetised,
    }
)
