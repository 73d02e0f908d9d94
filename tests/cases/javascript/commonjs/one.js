exports.early = 1; const two = require('./two'); exports.late = two.value;
