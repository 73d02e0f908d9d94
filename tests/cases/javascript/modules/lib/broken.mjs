console.log('broken starts'); throw new Error('broken while evaluating');
