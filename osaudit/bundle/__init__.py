"""An audit in one file: report, scorecard, evidence, texts and bill of materials, with a manifest that holds them."""
