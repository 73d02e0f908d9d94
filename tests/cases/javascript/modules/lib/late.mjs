const value = await new Promise((resolve) => setTimeout(resolve, 1, 'late'));
export { value as late };
