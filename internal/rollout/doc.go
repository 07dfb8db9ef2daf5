// Package rollout is the engine of one thing that runs: it decides what becomes of it,
// begins that, and says what a refresh and a destroy find. It knows neither Terraform
// nor a platform, and keeps nothing between two calls: what was recorded comes in, and
// what is to be recorded goes out. So one resource may have many such things.
package rollout
