const one = require('./one'); exports.sawEarly = one.early; exports.sawLate = one.late; exports.value = 'two';
