"""The model: linear heads as stored, their explanations, the policy that decides, the language gate."""
