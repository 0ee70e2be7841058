// SPDX-License-Identifier: GPL-3.0-or-later

// kubetypes reads Kubernetes manifests (YAML documents on the standard input) into the types of the
// API itself. A field that does not exist there, stands twice, or has another type, is an error;
// helm and the API server would drop the first in silence.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
)

func check(scheme *runtime.Scheme, document []byte) (string, error) {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return "", err
	}
	name := kind.APIVersion + " " + kind.Kind
	object, err := scheme.New(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
	if err != nil {
		return name, err
	}
	return name, yaml.UnmarshalStrict(document, object)
}

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{apps.AddToScheme, core.AddToScheme,
		networking.AddToScheme, policy.AddToScheme, monitoring.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	comments := regexp.MustCompile(`(?m)^#.*$`)
	count, failed := 0, false
	for _, document := range regexp.MustCompile(`(?m)^---.*$`).Split(string(input), -1) {
		if len(bytes.TrimSpace(comments.ReplaceAll([]byte(document), nil))) == 0 {
			continue
		}
		count++
		if name, err := check(scheme, []byte(document)); err != nil {
			fmt.Printf("%s: %v\n", name, err)
			failed = true
		}
	}
	if count == 0 {
		fmt.Println("there are no manifests on the standard input")
	}
	if failed || count == 0 {
		os.Exit(1)
	}
	fmt.Printf("%d manifests\n", count)
}
