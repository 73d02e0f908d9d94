# No variables.json: the array is there and empty.
echo "${#octopus_parameters[@]} [${octopus_parameters[Octopus.Environment.Name]:-none}]"
