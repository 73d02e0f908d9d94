( sleep 0.05; touch ready ) &
for i in $(seq 100); do [ -f ready ] && { echo "ready"; break; }; sleep 0.01; done
wait
